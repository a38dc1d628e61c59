// A gateway of dist/ with one route that never changes, and nothing else of a plane.
import { connect } from "node:net";

const domain = "preview.bench";

/** Listens on a free port; the answer has the port, and the host name under which the app at `upstream` is served. */
export async function openBareGateway({ upstream, socketScript = false, ...options }) {
  const { createGateway } = await import("../../dist/gateway/gateway.js");
  const { printSignedHost } = await import("../../dist/preview/links/host-name.js");
  const { mintToken } = await import("../../dist/preview/links/token.js");
  const { hashOf } = await import("../../dist/secrets.js");
  const { createLogger } = await import("../../dist/logger.js");
  const keys = { currentId: 0, secrets: new Map([[0, Buffer.alloc(32, 1)]]) };
  const claims = { keyId: 0, linkId: "00112233445566aa", expiresAt: (Math.floor(Date.now() / 1000) + 3600) * 1000 };
  const token = mintToken(keys, { domain, port: upstream }, claims);
  const route = {
    ...claims,
    previewId: "p",
    launchId: "l",
    sandboxId: "s",
    port: upstream,
    tokenHash: hashOf(token),
    state: "ready",
    hostMode: "local",
    socketScript,
  };
  const gateway = createGateway({
    dial: (_route, dialOptions) =>
      new Promise((resolve, reject) => {
        const socket = connect({ port: upstream, host: "127.0.0.1", ...dialOptions }, () => resolve(socket));
        socket.once("error", reject);
      }),
    feed: { start: async (listener) => listener.onSnapshot([route]), healthy: () => true, close: async () => {} },
    keys,
    domain,
    publicScheme: "http",
    clock: { now: () => Date.now() },
    logger: createLogger("info"),
    host: "127.0.0.1",
    port: 0,
    onRequests: () => {},
    ...options,
  });
  const { port } = await gateway.listen();
  return { gateway, port, host: printSignedHost({ port: upstream, token }, domain) };
}
