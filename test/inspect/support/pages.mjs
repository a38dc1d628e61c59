// A dev server whose pages each have one habit, named by their path. Listens on PORT and HOST.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { WebSocketServer } from "ws";

const html = (body, head = "<title>page</title>") =>
  `<!doctype html><html><head><meta charset="utf-8">${head}</head><body>${body}</body></html>`;
const script = (code) => `<script>${code}</script>`;
const heading = "<h1>Hello</h1>";

/** Path to page; a string is an HTML document with status 200. */
const pages = {
  "/": html(heading, "<title>Fine</title>"),
  "/console-error": html(
    heading +
      script(`console.error("first", { a: 1 }); console.error("first", { a: 1 }); console.warn("only a warning");
              console.error("at " + location.href + " with password=hunter2hunter2");
              console.error(${JSON.stringify(process.env.MY_VALUE ?? "")});`),
  ),
  "/page-error": html(heading + script("null.foo")),
  "/rejection": html(heading + script("Promise.reject(new RangeError('late'))")),
  "/failed-request": html(
    `${heading}<img src="/missing.png?token=abcdefgh1234">${script("fetch('/error').catch(() => {})")}`,
  ),
  "/blank": html('<div id="root"></div><script>/* mounts nothing */</script><p style="display:none">hidden</p>'),
  "/blank-image": html('<img alt="" src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">'),
  "/shadow": html(
    `<div id=host></div>${script("document.getElementById('host').attachShadow({ mode: 'open' }).textContent = 'from the shadow'")}`,
  ),
  "/late": html(
    `<div id=root></div>${script("setTimeout(() => { document.getElementById('root').textContent = 'at last' }, 900)")}`,
  ),
  "/overlay": html(
    `${heading}${script(`customElements.define("vite-error-overlay", class extends HTMLElement {
        constructor() { super(); this.attachShadow({ mode: "open" }).innerHTML =
          "<style>.x{color:red}</style><div class=x><pre>[plugin:vite] Unexpected token (3:7)</pre><pre>/src/App.tsx</pre></div>"; }
      }); document.body.appendChild(document.createElement("vite-error-overlay"));`)}`,
  ),
  "/next-tools": html(
    `${heading}${script(`const p = document.createElement("nextjs-portal");
      p.attachShadow({ mode: "open" }).innerHTML = "<button>Dev tools</button>"; document.body.append(p)`)}`,
  ),
  "/frame-overlay": html(
    `${heading}${script(`const f = document.createElement("iframe"); f.id = "webpack-dev-server-client-overlay"; f.src = "about:blank";
      document.body.append(f); f.contentDocument.body.innerHTML = "<h1>Compiled with problems:</h1><p>ERROR in ./src/index.js</p>"`)}`,
  ),
  "/overlay-alone": html(
    script(`customElements.define("vite-error-overlay", class extends HTMLElement {
        constructor() { super(); this.attachShadow({ mode: "open" }).innerHTML = "<pre>broken</pre>"; } });
      document.body.appendChild(document.createElement("vite-error-overlay"))`),
  ),
  "/next-overlay": html(
    `${heading}${script(`const p = document.createElement("nextjs-portal");
      p.attachShadow({ mode: "open" }).innerHTML = "<style>a{}</style><button>Dev tools</button><div data-nextjs-dialog-overlay><div role=dialog aria-labelledby=nextjs__container_errors_label><div>Build Error</div><div>Module not found</div></div></div>"; document.body.append(p)`)}`,
  ),
  "/socket-page": html(
    heading +
      script(`const socket = new WebSocket(location.href.replace("http", "ws").replace("socket-page", "socket"));
        socket.onmessage = ({ data }) => { document.title = "socket: " + data }`),
  ),
  "/remembers": html(
    heading +
      script(
        `document.title = localStorage.seen ? "seen before" : "first visit"; localStorage.seen = document.cookie = "seen=1"`,
      ),
  ),
  "/alerts": html(
    `${heading}${script("for (let i = 0; i < 5; i += 1) { alert(i); confirm(i); prompt(i); } print(); document.title = 'alerted'; onbeforeunload = () => 'stay'")}`,
  ),
  "/hangs": html(`${heading}${script("for (;;) {}")}`),
  "/floods": html(`${heading}${script("for (;;) console.error('x'.repeat(1000) + Math.random())")}`),
  "/floods-objects": html(`${heading}${script("for (;;) console.error({ a: Math.random(), b: { c: 1 } }, [1, 2])")}`),
  "/huge": html(`${heading}${script("console.log('x'.repeat(1e6 * new URLSearchParams(location.search).get('n')))")}`),
  "/bombs": html(`${heading}${script("const a = []; for (;;) a.push(new Array(1e6).fill(a.length))")}`),
  "/many": html(
    heading +
      script(
        `for (let i = 0; i < 100; i += 1) { console.error(i + ' "' + "é".repeat(600)); setTimeout(() => { throw new Error(i + "\\"".repeat(600)) }); fetch("/missing/" + i + "?" + "q".repeat(600)) }`,
      ),
    `<title>${"long ".repeat(100)}</title>`,
  ),
  "/popup": html(`${heading}${script("window.open('/'); document.title = String(window.open('/') === null)")}`),
  "/permissions": html(
    heading +
      script(`(async () => { const states = await Promise.all(["geolocation", "notifications", "camera", "clipboard-read"].map(
        async (name) => (await navigator.permissions.query({ name })).state)); document.title = states.join() })()`),
  ),
  "/leaves": html(`${heading}${script("location.href = new URLSearchParams(location.search).get('to')")}`),
  "/frame": html(`${heading}<iframe src="/console-error"></iframe>`),
  "/colours": html(
    `<canvas id=c width=1200 height=780></canvas>${script(`const x = c.getContext("2d"); const d = x.createImageData(1200, 780);
      for (let i = 0; i < d.data.length; i += 1) d.data[i] = Math.random() * 256; for (let i = 3; i < d.data.length; i += 4) d.data[i] = 255; x.putImageData(d, 0, 0)`)}`,
  ),
  "/tall": html(`<div style="height:30000px;background:linear-gradient(red,blue)">tall</div>`),
  "/box": html('<body style="margin:0"><div style="width:100px;height:100px;background:#00f">x</div>'),
};

/** Fetches each address and tells in the title what came: `ok`, or `no`. */
pages["/fetches"] = html(
  heading +
    script(`(async () => { const said = [];
      for (const to of new URLSearchParams(location.search).getAll("to"))
        said.push(await fetch(to, { mode: "no-cors" }).then(() => "ok", () => "no"));
      document.title = said.join() })()`),
);
/** The same by WebSocket. */
pages["/sockets"] = html(
  heading +
    script(`(async () => { const said = [];
      for (const to of new URLSearchParams(location.search).getAll("to")) {
        const socket = new WebSocket(to);
        said.push(await new Promise((resolve) => { socket.onopen = () => resolve("ok"); socket.onerror = () => resolve("no") }));
      }
      document.title = said.join() })(); fetch("/later")`),
);
/** The same by a service worker. */
pages["/by-worker"] = html(
  heading +
    script(`navigator.serviceWorker.onmessage = ({ data }) => { document.title = data };
      navigator.serviceWorker.register("/worker.js").then(() => navigator.serviceWorker.ready).then((ready) =>
        ready.active.postMessage(new URLSearchParams(location.search).getAll("to"))); fetch("/later")`),
);
const worker = `onmessage = async ({ data, source }) => { const said = [];
  for (const to of data) said.push(await fetch(to, { mode: "no-cors" }).then(() => "ok", () => "no"));
  source.postMessage(said.join()); if (data.includes("hang")) for (;;); }`;
/** Ways to leave for the address in `to`. */
const to = `const to = new URLSearchParams(location.search).get("to"); fetch("/later");`;
pages["/posts-to"] = html(
  `${heading}<form method=post><input name=a></form>${script(`${to} document.forms[0].action = to; document.forms[0].submit()`)}`,
);
pages["/refreshes-to"] = html(
  heading +
    script(
      `${to} document.head.append(Object.assign(document.createElement("meta"), { httpEquiv: "refresh", content: "0;url=" + to }))`,
    ),
);
pages["/top-leaves-to"] = html(
  `${heading}<iframe></iframe>${script(`${to} const frame = document.querySelector("iframe"); frame.contentWindow.eval("top.location.href = " + JSON.stringify(to))`)}`,
);
pages["/blob-leaves-to"] = html(
  heading +
    script(`${to} const code = "<h1>x</h1><script>location.href = " + JSON.stringify(to) + "</" + "script>";
      setTimeout(() => { location.href = URL.createObjectURL(new Blob([code], { type: "text/html" })) }, 100)`),
);
pages["/worker-leaves-to"] = html(
  heading +
    script(`${to} navigator.serviceWorker.register("/leaving-worker.js").then(() => navigator.serviceWorker.ready).then(() =>
      setTimeout(() => { location.href = "/away?to=" + encodeURIComponent(to) }, 300))`),
);
pages["/prerenders-then-leaves-to"] = html(
  heading +
    script(`${to} const next = "/leaves?to=" + encodeURIComponent(to);
      const rules = Object.assign(document.createElement("script"), { type: "speculationrules" });
      rules.textContent = JSON.stringify({ prerender: [{ source: "list", urls: [next], eagerness: "immediate" }] });
      document.head.append(rules); setTimeout(() => { location.href = next }, 600)`),
);
/** It takes the page over at once, and answers /away with a redirect. */
const leavingWorker = `addEventListener("install", () => skipWaiting());
  addEventListener("activate", (event) => event.waitUntil(clients.claim()));
  addEventListener("fetch", (event) => { const url = new URL(event.request.url);
    if (url.pathname === "/away") event.respondWith(Response.redirect(url.searchParams.get("to"))) })`;
/** Addresses that are another program's, in the page itself and in a frame. */
pages["/opens-programs"] = html(
  `${heading}<iframe></iframe>${script(`fetch("/later"); document.querySelector("iframe").src = "mailto:a@b.example";
    ["mailto:c@d.example", "tel:1", "xyz:1"].forEach((to, index) => setTimeout(() => { location.href = to }, 200 * index))`)}`,
);
/** The same through sockets, images, workers and WebRTC. */
pages["/escapes"] = html(
  heading +
    script(`const q = new URLSearchParams(location.search); const host = q.get("host"), udp = q.get("udp");
      new WebSocket("ws://" + host + "/socket"); new Image().src = "http://" + host + "/image";
      navigator.sendBeacon("http://" + host + "/beacon");
      new Worker(URL.createObjectURL(new Blob(["fetch('http://" + host + "/worker', { mode: 'no-cors' }).catch(() => {})"])));
      fetch("/to?url=" + encodeURIComponent("http://" + host + "/redirected"), { mode: "no-cors" }).catch(() => {});
      const link = document.createElement("link"); link.rel = "prefetch"; link.href = "http://" + host + "/prefetched"; document.head.append(link);
      const frame = document.createElement("iframe"); frame.src = "http://" + host + "/framed"; document.body.append(frame);
      for (const rel of ["preconnect", "dns-prefetch"]) document.head.append(Object.assign(document.createElement("link"), { rel, href: "http://" + host }));
      const rules = document.createElement("script"); rules.type = "speculationrules";
      rules.textContent = JSON.stringify({ prefetch: [{ source: "list", urls: ["http://" + host + "/speculated"] }], prerender: [{ source: "list", urls: ["http://" + host + "/prerendered"] }] });
      document.head.append(rules);
      new WebTransport("https://" + host + "/transport").closed.catch(() => {});
      const peer = new RTCPeerConnection({ iceServers: [{ urls: "stun:" + udp }, { urls: "turn:" + udp + "?transport=tcp", username: "u", credential: "c" }] });
      peer.createDataChannel("x"); peer.createOffer().then((offer) => peer.setLocalDescription(offer));
      fetch("/later").then(() => { document.title = "tried" })`),
);

/** What dev servers really put into a page: taken from them, without styles, at the version in the name. */
for (const name of [
  "angular-21",
  "astro-7",
  "next-15",
  "next-16",
  "next-16-collapsed",
  "nuxt-4",
  "rsbuild-2",
  "sveltekit-3",
  "webpack-dev-server-5",
])
  pages[`/overlays/${name}`] = readFileSync(new URL(`../overlays/${name}.html`, import.meta.url), "utf8");

const server = createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url, "http://app");
  const send = (status, body, headers = {}) =>
    response.writeHead(status, { "content-type": "text/html", ...headers }).end(body);
  console.log(request.method, request.url);
  switch (pathname) {
    case "/error":
      return send(500, html("Error: exploded", "<title>500</title>"));
    case "/loop":
      return send(302, "", { location: `/loop?${Math.random()}` });
    case "/to":
      return send(302, "", { location: searchParams.get("url") });
    case "/empty":
      return response.writeHead(204).end();
    case "/file":
      return send(200, "PK", {
        "content-disposition": "attachment; filename=x.zip",
        "content-type": "application/zip",
      });
    case "/worker.js":
      return send(200, worker, { "content-type": "text/javascript" });
    case "/leaving-worker.js":
      return send(200, leavingWorker, { "content-type": "text/javascript" });
    case "/login":
      return send(401, html(heading, "<title>log in</title>"), { "www-authenticate": 'Basic realm="x"' });
    case "/later":
      return void setTimeout(() => send(200, "later"), 1000);
    case "/never":
      return;
    case "/slow":
      return void response.writeHead(200, { "content-type": "text/html" }).write(`<title>Slow</title>${heading}`);
    case "/slow-image":
      return send(200, html(`${heading}<img src="/never">`, "<title>Slow image</title>"));
    case "/events":
      response.writeHead(200, { "content-type": "text/event-stream" }).write("data: 1\n\n");
      return;
    case "/streams":
      return send(200, html(`${heading}${script("new EventSource('/events')")}`));
    default:
      return send(pathname in pages ? 200 : 404, pages[pathname] ?? "nothing here");
  }
});
new WebSocketServer({ server, path: "/socket" }).on("connection", (socket) => socket.send("hello"));
server.listen(Number(process.env.PORT), process.env.HOST, () => console.log("listening"));
