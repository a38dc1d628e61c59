import { randomUUID } from "node:crypto";
import { createControlApp } from "./api/control-app.ts";
import { awaitDrained } from "./client/await-drained.ts";
import { findPlane } from "./client/find-plane.ts";
import { removePlaneFile, writePlaneFile } from "./client/plane-file.ts";
import { systemClock } from "./clock.ts";
import { createClosingStack } from "./closing-stack.ts";
import type { ClosingStack } from "./closing-stack.ts";
import type { HandedOver } from "./config.ts";
import type { Config } from "./settings.ts";
import { listenForControl } from "./control-listener.ts";
import { openPlaneDatabase } from "./db/plane-database.ts";
import { PreviewError } from "./errors.ts";
import { bracketed, dialable, isLoopback } from "./hosts.ts";
import { createRequestGuard } from "./identity/request-guard.ts";
import type { Logger } from "./logger.ts";
import { drainPlane } from "./plane/drain-plane.ts";
import { choosePorts } from "./plane/parts.ts";
import { createPlaneGateway } from "./plane/plane-gateway.ts";
import { createPlaneIdentity } from "./plane/plane-identity.ts";
import { createPlaneInspector } from "./plane/plane-inspector.ts";
import { countAtDoors } from "./plane/count-calls.ts";
import { instrumentsOf, openPlaneMetrics } from "./plane/plane-metrics.ts";
import { previewDeps } from "./plane/preview-deps.ts";
import { secretPaths } from "./plane/secret-paths.ts";
import { ownOrg } from "./preview/launch/confinement.ts";
import { createEventFeed } from "./preview/events/event-feed.ts";
import { createEventLog } from "./preview/events/event-log.ts";
import { createPreviews } from "./preview/previews.ts";
import { createReadEvents } from "./preview/events/read-events.ts";
import { startRetention } from "./preview/sleep/retention.ts";
import { createRouteArrivals } from "./preview/route-arrivals.ts";
import { agreeOnKeys, ensureSigningKeys, parseSigningKeys } from "./preview/links/signing-keys.ts";
import type { Database } from "./preview/store.ts";
import { createVisits } from "./preview/sleep/visits.ts";
import { createLocalSandbox } from "./sandbox/local-sandbox.ts";
import { ensureStateDir } from "./state-dir.ts";
import type { StateDir } from "./state-dir.ts";
import { createMcpHttp } from "./tools/http.ts";
import { toolsOf } from "./tools/registry.ts";

/** A running plane. */
export interface Plane {
  readonly controlUrl: string;
  readonly gatewayPort: number;
  readonly stateDir: StateDir;
  /**
   * Accepts nothing more, and resolves when nothing is under way, at the latest a second after `drainSeconds`. To be
   * followed by `close`, which may also cut it short. Idempotent.
   */
  drain(): Promise<void>;
  /** Stops serving; dev servers go on, and the next plane adopts them. Idempotent. */
  close(): Promise<void>;
}

export interface PlaneOptions {
  readonly logger: Logger;
  readonly version: string;
  /** Where the settings were read from: it may hold secrets. */
  readonly configFile?: string | undefined;
  /** Sockets to serve on, which outlive the plane; without them it opens its own. */
  readonly handedOver?: HandedOver;
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
  if (config.databaseUrl === undefined) await awaitDrained(state, config.drainSeconds * 1_000);
  const planeId = randomUUID();
  const instruments = instrumentsOf(config);
  const keys =
    config.signingKeys === undefined ? ensureSigningKeys(state.signingKeysFile) : parseSigningKeys(config.signingKeys);
  const db = stack.add(
    await openPlaneDatabase({
      url: config.databaseUrl,
      embeddedDirectory: state.databaseDir,
      planeFile: state.planeFile,
      logger,
      clock: systemClock,
      ...(instruments && { onQuery: instruments.query }),
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
      hiddenPaths: secretPaths(config, { ...options, state }),
    }),
  );
  const handedOver = options.handedOver ?? { gateway: [], control: [] };
  const ports = await choosePorts(config, state, handedOver);
  const arrivals = createRouteArrivals(db.routeFeed());
  const events = stack.add(createEventLog({ store: db.events, clock: systemClock, logger, operatorOrg: ownOrg }));
  const visits = createVisits();
  const parts = {
    db,
    sandbox,
    keys,
    logger,
    arrivals,
    visits,
    events,
    planeId,
    state,
    ports,
    handedOver,
    ...(instruments && { instruments }),
  };
  const gateway = stack.add(await createPlaneGateway(config, { ...parts, store: db.login, hostEnv: options.hostEnv }));
  await gateway.listen();
  const previews = stack.add(createPreviews(previewDeps(config, parts, gateway)));
  const inspector = stack.add(createPlaneInspector(config, { ...parts, ...options, previews }));
  const doors = countAtDoors({ useCases: previews.useCases, inspect: inspector }, instruments);
  const tools = toolsOf(config.toolsets.includes("inspect") ? { inspect: inspector } : {});
  const mcp = stack.add(createMcpHttp({ ...doors.mcp, tools, version, logger }));
  const feed = stack.add(createEventFeed({ db, logger }));
  let draining: Promise<void> | undefined;
  const app = createControlApp({
    ...doors.v1,
    links: previews.links,
    ...createPlaneIdentity(config, { store: db.apiKeys, logins: db.login, state, logger }, stack),
    clock: systemClock,
    events: createReadEvents({ db, feed }),
    eventLog: events,
    judgeRequest: createRequestGuard({
      boundHost: config.controlHost,
      controlNames: config.controlNames,
      allowedOrigins: config.allowedOrigins,
    }),
    mcp: (request, context) => mcp.fetch(request, context),
    readiness: async () => ({
      database: await answers(db),
      gateway: gateway.ready(),
      ...(draining && { draining: true }),
    }),
    planeId,
    version,
    logger,
  });
  const control = stack.add(
    await listenForControl(app.fetch, {
      host: config.controlHost,
      port: ports.control,
      handedOver: handedOver.control,
    }),
  );
  const metrics =
    ports.metrics !== undefined && instruments !== undefined
      ? stack.add(await openPlaneMetrics(config, { ...parts, db, gateway, instruments, port: ports.metrics }))
      : undefined;
  await previews.start();
  const { eventRetentionDays: eventDays, accessRetentionDays: accessDays } = config;
  stack.add(startRetention({ db, clock: systemClock, logger, eventDays, accessDays }));
  const controlUrl = `http://${bracketed(dialable(config.controlHost))}:${ports.control}`;
  writePlaneFile(state.planeFile, {
    version,
    planeId,
    controlUrl,
    gatewayPort: ports.gateway,
    startedAt: new Date(systemClock.now()).toISOString(),
  });
  stack.add({ close: async () => removePlaneFile(state.planeFile, planeId) });
  logger.info({ event: "plane.ready", planeId, controlUrl, gatewayPort: ports.gateway }, "plane ready");
  const drained = { planeId, state, logger, gateway, control, feed, metrics };
  return {
    controlUrl,
    gatewayPort: ports.gateway,
    stateDir: state,
    drain: () => (draining ??= drainPlane(drained, config.drainSeconds * 1_000)),
    close: () => stack.close(),
  };
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

async function answers(db: Database): Promise<boolean> {
  return await db.ping().then(
    () => true,
    () => false,
  );
}
