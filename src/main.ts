import { randomBytes, randomUUID } from "node:crypto";
import { createControlApp } from "./api/control-app.ts";
import { findPlane } from "./client/find-plane.ts";
import { removePlaneFile, writePlaneFile } from "./client/plane-file.ts";
import { systemClock } from "./clock.ts";
import { createClosingStack } from "./closing-stack.ts";
import type { ClosingStack } from "./closing-stack.ts";
import type { Config } from "./settings.ts";
import { listenForControl } from "./control-listener.ts";
import { databasePort, localDatabasePort } from "./db/local-port.ts";
import { openPlaneDatabase } from "./db/plane-database.ts";
import { PreviewError } from "./errors.ts";
import { createGateway } from "./gateway/gateway.ts";
import type { Gateway } from "./gateway/gateway.ts";
import { createApiKeys } from "./identity/api-keys.ts";
import { createBearerAuthenticator } from "./identity/bearer.ts";
import { createKeyAuthenticator } from "./identity/key-authenticator.ts";
import { createRequestGuard } from "./identity/request-guard.ts";
import { ensureToken } from "./identity/token-file.ts";
import { chooseListenPort } from "./listen-port.ts";
import type { Logger } from "./logger.ts";
import { chromiumLauncher } from "./inspect/chromium.ts";
import { createInspector } from "./inspect/inspector.ts";
import type { Inspector } from "./inspect/inspector.ts";
import type { GatewayAddress, PreviewDeps } from "./preview/deps.ts";
import { createPreviews } from "./preview/previews.ts";
import type { Previews } from "./preview/previews.ts";
import { createRouteArrivals } from "./preview/route-arrivals.ts";
import type { RouteArrivals } from "./preview/route-arrivals.ts";
import type { Dial } from "./preview/route.ts";
import { agreeOnKeys, ensureSigningKeys, parseSigningKeys } from "./preview/signing-keys.ts";
import type { Database } from "./preview/store.ts";
import type { Sandbox } from "./sandbox/driver.ts";
import { createLocalSandbox } from "./sandbox/local-sandbox.ts";
import { processStartTime } from "./sandbox/process-start-time.ts";
import { ensureStateDir } from "./state-dir.ts";
import type { StateDir } from "./state-dir.ts";
import { createMcpHttp } from "./tools/http.ts";
import { toolsOf } from "./tools/registry.ts";

/** A running plane. */
export interface Plane {
  readonly controlUrl: string;
  readonly gatewayPort: number;
  readonly stateDir: StateDir;
  /** Stops serving; dev servers go on, and the next plane adopts them. Idempotent. */
  close(): Promise<void>;
}

export interface PlaneOptions {
  readonly logger: Logger;
  readonly version: string;
  /** What dev servers inherit, after the sandbox filtered it. */
  readonly hostEnv: Readonly<Record<string, string | undefined>>;
}

/** Builds everything, starts it in order, and stops it in reverse. */
export async function startPlane(config: Config, options: PlaneOptions): Promise<Plane> {
  const stack = createClosingStack();
  try {
    return await openPlane(config, options, stack);
  } catch (error) {
    await stack.close().catch((err: unknown) => options.logger.warn({ err }, "closing after a failed start failed"));
    throw error;
  }
}

async function openPlane(config: Config, options: PlaneOptions, stack: ClosingStack): Promise<Plane> {
  refuseOpenPlane(config);
  const { logger, version } = options;
  const state = ensureStateDir(config.stateDir);
  await refuseSecondPlane(state);
  const planeId = randomUUID();
  const keys =
    config.signingKeys === undefined ? ensureSigningKeys(state.signingKeysFile) : parseSigningKeys(config.signingKeys);
  const db = stack.add(
    await openPlaneDatabase({
      url: config.databaseUrl,
      embeddedDirectory: state.databaseDir,
      planeFile: state.planeFile,
      logger,
      clock: systemClock,
    }),
  );
  await agreeOnKeys(db.keys, keys);
  const sandbox = stack.add(
    await createLocalSandbox({
      directory: config.launchesDir ?? state.launchesDir,
      portRange: config.portRange,
      logMaxBytes: config.logMaxBytes,
      logger,
      hostEnv: options.hostEnv,
    }),
  );
  const ports = await choosePorts(config, state);
  const arrivals = createRouteArrivals(db.routeFeed());
  const parts = { db, sandbox, keys, logger, arrivals, planeId, state, ports };
  const gateway = stack.add(createPlaneGateway(config, parts));
  await gateway.listen();
  const previews = stack.add(createPreviews(previewDeps(config, parts)));
  const inspector = stack.add(createPlaneInspector(config, { ...parts, ...options, previews }));
  const tools = toolsOf(config.toolsets.includes("inspect") ? { inspect: inspector } : {});
  const mcp = stack.add(createMcpHttp({ useCases: previews.useCases, tools, version, logger }));
  const keyHolders = stack.add(createKeyAuthenticator({ store: db.apiKeys, clock: systemClock, logger }));
  const app = createControlApp({
    useCases: previews.useCases,
    inspect: inspector,
    keys: createApiKeys({ store: db.apiKeys, clock: systemClock, onChange: (id) => keyHolders.forget(id) }),
    clock: systemClock,
    authenticate: createBearerAuthenticator({
      token: config.token ?? ensureToken(state.tokenFile),
      org: "local",
      user: "local",
      dangerouslyNoAuth: config.dangerouslyNoAuth,
      others: [(token) => keyHolders.authenticate(token)],
    }),
    judgeRequest: createRequestGuard({
      boundHost: config.controlHost,
      controlNames: config.controlNames,
      allowedOrigins: config.allowedOrigins,
    }),
    mcp: (request, context) => mcp.fetch(request, context),
    readiness: async () => ({ database: await answers(db), gateway: gateway.ready() }),
    planeId,
    version,
    logger,
  });
  stack.add(await listenForControl(app.fetch, { hostname: config.controlHost, port: ports.control }));
  await previews.start();
  const controlUrl = `http://${bracketed(reachable(config.controlHost))}:${ports.control}`;
  writePlaneFile(state.planeFile, {
    version,
    planeId,
    controlUrl,
    gatewayPort: ports.gateway,
    startedAt: new Date(systemClock.now()).toISOString(),
  });
  stack.add({ close: async () => removePlaneFile(state.planeFile, planeId) });
  logger.info({ event: "plane.ready", planeId, controlUrl, gatewayPort: ports.gateway }, "plane ready");
  return { controlUrl, gatewayPort: ports.gateway, stateDir: state, close: () => stack.close() };
}

interface Parts {
  readonly db: Database;
  readonly sandbox: Sandbox;
  readonly keys: PreviewDeps["keys"];
  readonly logger: Logger;
  readonly arrivals: RouteArrivals;
  readonly planeId: string;
  readonly state: StateDir;
  readonly ports: ListenPorts;
}

interface ListenPorts {
  readonly control: number;
  readonly gateway: number;
}

async function choosePorts(config: Config, state: StateDir): Promise<ListenPorts> {
  const { portsFile } = state;
  return {
    control: await chooseListenPort({
      listener: "control",
      host: config.controlHost,
      configured: config.controlPort,
      fallback: 4780,
      portsFile,
    }),
    gateway: await chooseListenPort({
      listener: "gateway",
      host: config.gatewayHost,
      configured: config.gatewayPort,
      fallback: 4781,
      portsFile,
    }),
  };
}

function createPlaneGateway(config: Config, parts: Parts): Gateway {
  const { db, sandbox, keys, logger, arrivals, ports } = parts;
  return createGateway({
    dial: dialThrough(sandbox),
    feed: arrivals.feed,
    keys,
    domain: config.domain,
    publicScheme: config.publicScheme,
    publicPort: config.publicPort ?? ports.gateway,
    clock: systemClock,
    logger,
    host: config.gatewayHost,
    port: ports.gateway,
    onRequests: (requests) => {
      db.previews
        .touch(requests)
        .catch((err: unknown) =>
          logger.warn({ event: "requests.not_recorded", err }, "last requests could not be recorded"),
        );
    },
  });
}

/** Routes of another sandbox than ours cannot be dialled from here. */
function dialThrough(sandbox: Sandbox): Dial {
  return async (route, options) => {
    if (route.process === undefined || route.listener === undefined || route.sandboxId !== sandbox.id) {
      throw new PreviewError("sandbox_unsupported", `sandbox ${route.sandboxId} is not reached by this plane`, {
        hint: "Open the link at the plane that started the preview.",
      });
    }
    const { launchId, port, process: launched, listener } = route;
    return await sandbox.upstream({ launchId, port, process: launched, listener }).connect(options);
  };
}

/** No browser runs, and none has to be there, before something is looked at. */
function createPlaneInspector(config: Config, parts: InspectorParts): Inspector {
  const { db, logger, state, hostEnv, ports, previews } = parts;
  const launch = chromiumLauncher({
    executable: config.chromiumPath,
    directory: state.browserDir,
    hostEnv,
    gateway: gatewayAddress(config, ports.gateway),
    // a database elsewhere may let in this host alone
    deniedPorts: ownPorts(config, ports, databasePort),
    logger,
  });
  return createInspector({ launch, db, useCases: previews.useCases, logger });
}

interface InspectorParts extends Pick<Parts, "db" | "logger" | "state" | "ports">, Pick<PlaneOptions, "hostEnv"> {
  readonly previews: Pick<Previews, "useCases">;
}

function gatewayAddress(config: Config, gatewayPort: number): GatewayAddress {
  return {
    domain: config.domain,
    publicScheme: config.publicScheme,
    publicPort: config.publicPort ?? gatewayPort,
    listenHost: reachable(config.gatewayHost),
    listenPort: gatewayPort,
  };
}

function previewDeps(config: Config, parts: Parts): PreviewDeps {
  const { state, ports, ...shared } = parts;
  return {
    ...shared,
    clock: systemClock,
    ids: { launch: () => randomUUID(), link: () => randomBytes(8).toString("hex") },
    self: { pid: process.pid, startTime: processStartTime(process.pid) },
    gateway: gatewayAddress(config, ports.gateway),
    settings: {
      defaultCommand: config.defaultCommand,
      install: config.install,
      startTimeoutMs: config.startTimeoutSeconds * 1000,
      installTimeoutMs: config.installTimeoutSeconds * 1000,
      stopGraceMs: config.stopGraceSeconds * 1000,
      linkTtlMs: config.linkTtlSeconds * 1000,
      ownPorts: ownPorts(config, ports, localDatabasePort),
      stateDir: state.root,
      ...(config.orgWorkspaces === undefined ? {} : { orgWorkspaces: config.orgWorkspaces }),
    },
  };
}

function ownPorts(
  { databaseUrl }: Config,
  { control, gateway }: ListenPorts,
  portOf: (url: string) => number | undefined,
): number[] {
  const database = databaseUrl === undefined ? undefined : portOf(databaseUrl);
  return [control, gateway, ...(database === undefined ? [] : [database])];
}

/** Without a token anybody who reaches the listener runs commands on this host. */
function refuseOpenPlane(config: Config): void {
  if (!config.dangerouslyNoAuth || isLoopback(config.controlHost)) return;
  throw new PreviewError(
    "config_invalid",
    `dangerouslyNoAuth is set and the control listener binds ${config.controlHost}`,
    {
      hint: "Bind 127.0.0.1, or remove dangerouslyNoAuth.",
    },
  );
}

/** The database refuses a second plane on the embedded engine; on a real server the state directory is guarded here. */
async function refuseSecondPlane(state: StateDir): Promise<void> {
  const running = await findPlane(state.planeFile);
  if (running === undefined) return;
  throw new PreviewError("plane_already_running", `a plane already runs on ${state.root} (pid ${running.pid})`, {
    hint: `It is at ${running.controlUrl}; commands with the same state directory find it by themselves. For a second plane set another DEV_PREVIEW_STATE_DIR.`,
  });
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127\.\d+\.\d+\.\d+$/.test(host);
}

/** The address at which a listener bound to all interfaces is reached from this host. */
function reachable(host: string): string {
  if (host === "0.0.0.0") return "127.0.0.1";
  return host === "::" ? "::1" : host;
}

function bracketed(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}

async function answers(db: Database): Promise<boolean> {
  return await db.ping().then(
    () => true,
    () => false,
  );
}
