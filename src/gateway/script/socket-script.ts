import { createHash } from "node:crypto";
import { secondPortPrefix } from "./second-port.ts";

/**
 * What runs first in a page. Hot-reload clients dial the dev server where it listens, which the browser
 * cannot reach: their sockets go to the page's own origin instead.
 *
 * - Touched are absolute URLs whose host is loopback or the page's own. The dev port, no port and the
 *   page's port lead to the page's origin; another port is named in the path. Everything else, workers
 *   included, is left alone. A URL that was mapped is mapped to itself, so running twice does no harm.
 * - The proxy keeps what can be observed of the constructor: prototype, constants, name, subclasses, errors.
 * - The element takes itself out of the document, which is then the app's to the last node: frameworks that
 *   hydrate the whole of it compare.
 * - The port is an attribute, so that the text, and with it the hash for content policies, never changes.
 *   It is short because browsers look for `<meta charset>` in the first kilobyte only.
 */
const text = [
  "(()=>{const c=document.currentScript,d=c.dataset.port,l=location,W=WebSocket,",
  "f=u=>{try{const x=new URL(u),h=x.hostname,p=x.port;",
  "if(/^(ws|http)s?:$/.test(x.protocol)&&(h==l.hostname||/^(localhost|127\\.0\\.0\\.1|0\\.0\\.0\\.0|\\[::1?])$/.test(h))){",
  `if(!["",d,l.port,"80","443"].includes(p))x.pathname="${secondPortPrefix}"+p+x.pathname;`,
  'x.protocol=l.protocol.replace("http","ws");x.hostname=l.hostname;x.port=l.port;return x.href}}catch{}return u};',
  "c.remove();",
  "window.WebSocket=W.prototype.constructor=new Proxy(W,{construct(t,a,n){",
  "if(a.length)a[0]=f(a[0]);return Reflect.construct(t,a,n)}})})()",
].join("");

const digest = createHash("sha256").update(text).digest();

/** As content security policies name it. */
export const socketScriptHash = `'sha256-${digest.toString("base64")}'`;

/** Changes whenever the script does. */
export const socketScriptVersion = digest.toString("hex").slice(0, 8);

/** The element for pages of a dev server on this port; ASCII. */
export function printSocketScript(port: number): string {
  return `<script data-port="${port}">${text}</script>`;
}
