import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { PreviewOutput, StartInput } from "../../../src/preview/contract.ts";
import { clientId, clientSecret, startOpenIdProvider } from "../../support/open-id-provider.ts";
import type { OpenIdProvider } from "../../support/open-id-provider.ts";
import { endHome } from "./end-home.ts";
import { makePlaneHome, startPlaneProcess } from "./plane-process.ts";
import type { PlaneProcess } from "./plane-process.ts";
import type { TlsFront } from "./tls-front.ts";

/** What an app got: every head, and what was said on its sockets. */
export interface SeenByApp {
  readonly heads: readonly { readonly url: string; readonly headers: Readonly<Record<string, string>> }[];
}

export interface GatedPlane {
  readonly plane: PlaneProcess;
  readonly provider: OpenIdProvider;
  readonly authOrigin: string;
  /** A gated preview of this name, serving; with further fields of a start. */
  start(
    name: string,
    input?: Partial<StartInput>,
  ): Promise<PreviewOutput & { readonly previewUrl: string; readonly token: string }>;
  /** Changes what every page shows; open pages are told over their socket. */
  edit(text: string): Promise<void>;
  close(): Promise<void>;
}

/**
 * A plane with a login, whose provider says that `ada` is of the plane's own org (which it may) and `eve` of another. Under
 * `localhost`, or behind an edge of this domain.
 */
export async function openGatedPlane(
  env: NodeJS.ProcessEnv = {},
  edge?: { readonly front: TlsFront; readonly domain: string },
): Promise<GatedPlane> {
  const gatewayPort = await freePort();
  const authOrigin =
    edge === undefined ? `http://auth.localhost:${gatewayPort}` : `https://auth.${edge.domain}:${edge.front.port}`;
  const people = new Map<string, string | undefined>([
    ["ada", "local"],
    ["eve", "globex"],
  ]);
  const provider = await startOpenIdProvider(authOrigin, people);
  const home = await makePlaneHome({
    DEV_PREVIEW_LOG_LEVEL: "debug",
    DEV_PREVIEW_GATEWAY_PORT: String(gatewayPort),
    DEV_PREVIEW_OIDC_ISSUER: provider.issuer,
    DEV_PREVIEW_OIDC_CLIENT_ID: clientId,
    DEV_PREVIEW_OIDC_CLIENT_SECRET: clientSecret,
    DEV_PREVIEW_OIDC_LOCAL_MEMBERS: "true",
    ...(edge && {
      DEV_PREVIEW_DOMAIN: edge.domain,
      DEV_PREVIEW_PUBLIC_SCHEME: "https",
      DEV_PREVIEW_PUBLIC_PORT: String(edge.front.port),
    }),
    ...env,
  });
  const edit = (text: string) => writeFile(join(home.workspace, "shown.txt"), text);
  await writeFile(join(home.workspace, "server.mjs"), appText);
  await edit("first");
  const plane = await startPlaneProcess(home);
  edge?.front.relayTo(plane.gatewayPort);
  return {
    plane,
    provider,
    authOrigin,
    edit,
    async start(name, input = {}) {
      const command = "node server.mjs";
      let preview = await plane.client.start({ name, command, signed: false, waitSeconds: 45, ...input });
      while (preview.status === "starting") preview = await plane.client.url({ name, waitSeconds: 45 });
      const { previewUrl, token } = preview;
      if (previewUrl === undefined || token === undefined) throw new Error(JSON.stringify(preview));
      return { ...preview, previewUrl, token };
    },
    async close() {
      try {
        await endHome(home);
      } finally {
        await provider.close();
      }
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

const ws = fileURLToPath(import.meta.resolve("ws"));

/** Shows a text, tells open pages of changes by a socket, and keeps what it got for `/seen`. */
const appText = `import { createServer } from "node:http";
import { readFileSync, watchFile } from "node:fs";
import { createRequire } from "node:module";
const { WebSocketServer } = createRequire(import.meta.url)(${JSON.stringify(ws.replace(/wrapper\.mjs$/, "index.js"))});
const heads = [];
const page = () => \`<!doctype html><title>app</title><h1>\${readFileSync("shown.txt", "utf8")}</h1><script>
  window.socket = new WebSocket(location.origin.replace("http", "ws") + "/live");
  socket.onopen = () => (document.body.dataset.live = "yes");
  socket.onclose = () => (document.body.dataset.live = "no");
  socket.onmessage = ({ data }) => (document.querySelector("h1").textContent = data);
</script>\`;
const server = createServer((request, response) => {
  heads.push({ url: request.url, headers: request.headers });
  if (request.url === "/seen") return void response.end(JSON.stringify({ heads }));
  if (request.url === "/steal")
    response.setHeader("set-cookie", ["dev-preview-visit=planted", "__Host-dev-preview-visit=planted; Path=/", "own=1"]);
  response.setHeader("content-type", "text/html");
  response.end(page());
});
const sockets = new WebSocketServer({ server });
sockets.on("connection", (socket, request) => heads.push({ url: request.url, headers: request.headers }));
watchFile("shown.txt", { interval: 50 }, () => {
  for (const socket of sockets.clients) socket.send(readFileSync("shown.txt", "utf8"));
});
server.listen(Number(process.env.PORT));
`;
