// Our gateway as a proxy, everything on: `node gateway-process.mjs '{"port":…,"app":…,"live":…,"routes":…,"workers":…}'`
// prints the hosts of the two apps.
import { connect } from "node:net";
import { createGateway } from "../../dist/gateway/gateway.js";
import { createLogger } from "../../dist/logger.js";
import { createView } from "../../dist/sandbox/create-view.js";
import { createGatewayWorkers } from "../../dist/workers/gateway-workers.js";
import { printSignedHost } from "../../dist/preview/links/host-name.js";
import { mintToken } from "../../dist/preview/links/token.js";
import { hashOf } from "../../dist/secrets.js";

const { port, app, live, routes = 10, socketScript = false, workers = 1 } = JSON.parse(process.argv[2]);
const domain = "preview.bench";
const keys = { currentId: 0, secrets: new Map([[0, Buffer.alloc(32, 1)]]) };
const expiresAt = (Math.floor(Date.now() / 1000) + 36_000) * 1000;

function linkTo(upstream, number) {
  const claims = { keyId: 0, linkId: number.toString(16).padStart(16, "0"), expiresAt };
  const token = mintToken(keys, { domain, port: upstream }, claims);
  const names = { previewId: `preview ${number}`, launchId: `launch ${number}`, sandboxId: "sandbox" };
  const route = {
    ...claims,
    ...names,
    port: upstream,
    tokenHash: hashOf(token),
    state: "ready",
    hostMode: "local",
    socketScript,
  };
  return { route, host: printSignedHost({ port: upstream, token }, domain) };
}

/** Workers prove whose a connection is, once for each that they open. */
async function ownerOf(upstream) {
  if (workers === 1) return {};
  const view = createView(process.platform);
  const [{ pid }] = await view.portListeners(upstream);
  const { startTime, session } = await view.identify(pid);
  const owner = { pid, startTime, session, family: { of: "process" } };
  return { process: owner, listener: { port: upstream, address: "127.0.0.1", pid } };
}

const links = { app: linkTo(app, 1), live: linkTo(live, 2) };
for (const { route } of Object.values(links)) Object.assign(route, await ownerOf(route.port));
const others = Array.from({ length: routes - 2 }, (_, at) => linkTo(9, at + 3).route);
const dial = (route, { onread }) =>
  new Promise((resolve, reject) => {
    const socket = connect({ port: route.port, host: "127.0.0.1", onread });
    socket.once("error", reject);
    socket.once("connect", () => {
      socket.removeListener("error", reject);
      resolve(socket);
    });
  });
const options = {
  feed: {
    start: async (listener) => listener.onSnapshot([links.app.route, links.live.route, ...others]),
    healthy: () => true,
    close: async () => {},
  },
  keys,
  domain,
  publicScheme: "http",
  clock: { now: () => Date.now() },
  logger: createLogger("info"),
  host: "127.0.0.1",
  port,
  onRequests: async () => {},
  onAccesses: async () => {},
  limits: {
    connectionsPerPreview: 50_000,
    connectionsPerAddress: 50_000,
    invalidPerMinute: 300,
    headBytes: 128 * 1024,
  },
};
const told = { onAccesses: async () => {}, onAsleep: async () => {} };
const gateway =
  workers === 1
    ? createGateway({ ...options, dial })
    : createGatewayWorkers({ ...options, ...told, workers, env: {}, sandboxId: "sandbox", logLevel: "info" });
await gateway.listen();
process.stdout.write(`${JSON.stringify({ app: links.app.host, live: links.live.host })}\n`);
