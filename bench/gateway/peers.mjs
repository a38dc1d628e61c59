// The proxies that are compared. Each forwards host `app` to the file app and host `live` to the live app, and does
// what a preview proxy must: WebSockets, no buffering of uploads, bodies of any size.
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { has, installDebian, mostSockets, portAnswers, startOn } from "./machine.mjs";

const nodeProxy = fileURLToPath(new URL("node-proxy.mjs", import.meta.url));
const hosts = { app: "app.bench", live: "live.bench" };

const firstLine = (program, ...args) =>
  execFileSync("/bin/sh", ["-c", `${[program, ...args].join(" ")} 2>&1`], { encoding: "utf8" }).split("\n")[0];

const nginxHead = (
  directory,
) => `daemon off; master_process off; pid ${directory}/pid; error_log ${directory}/error.log crit;
events { worker_connections ${2 * mostSockets}; }
http {
  access_log off; server_tokens off; keepalive_requests 100000000; keepalive_timeout 600s;
  client_max_body_size 0; client_body_temp_path ${directory}/body; proxy_temp_path ${directory}/proxy;
  proxy_http_version 1.1; proxy_request_buffering off; proxy_read_timeout 1h;
  map $http_upgrade $connection_upgrade { default upgrade; '' ''; }
  proxy_set_header Host $http_host; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $connection_upgrade;
  proxy_set_header X-Forwarded-For $remote_addr; proxy_set_header X-Forwarded-Proto $scheme; proxy_set_header X-Forwarded-Host $http_host;
`;

const nginxStatic = (directory, { port, app, live }) => `${nginxHead(directory)}
  upstream app { server 127.0.0.1:${app}; keepalive 128; }
  upstream live { server 127.0.0.1:${live}; keepalive 128; }
  server { listen 127.0.0.1:${port} backlog=4096; server_name ${hosts.app}; location / { proxy_pass http://app; } }
  server { listen 127.0.0.1:${port}; server_name ${hosts.live}; location / { proxy_buffering off; proxy_pass http://live; } }
}
`;

/** The usual configuration of previews: the port is in the name, and no connection to the app is kept. */
const nginxDynamic = (directory, { port }) => `${nginxHead(directory)}
  server {
    listen 127.0.0.1:${port} backlog=4096;
    server_name ~^(?<target>\\d+)-[a-z0-9]+\\.bench$;
    location / { proxy_buffering off; proxy_pass http://127.0.0.1:$target; }
  }
}
`;

const nginx = (name, configure, hostsOf) => ({
  name,
  goal: name === "nginx" ? "nginx" : "nginx-dyn",
  version: () => firstLine("nginx", "-v").replace(/^.*\//, ""),
  start: (place, ports) => {
    writeFileSync(join(place, "nginx.conf"), configure(place, ports));
    return {
      command: ["nginx", "-c", join(place, "nginx.conf"), "-e", join(place, "error.log")],
      hosts: hostsOf(ports),
    };
  },
});

const haproxy = {
  name: "haproxy",
  version: () => /version (\S+)/.exec(firstLine("haproxy", "-v"))[1],
  start: (place, { port, app, live }) => {
    writeFileSync(
      join(place, "haproxy.cfg"),
      `global
  nbthread 1
  maxconn ${mostSockets + 100}
defaults
  mode http
  timeout connect 5s
  timeout client 1h
  timeout server 1h
  timeout tunnel 1h
  option forwardfor
  http-reuse safe
frontend in
  bind 127.0.0.1:${port} backlog 4096
  use_backend live if { hdr(host) -i ${hosts.live} }
  default_backend app
backend app
  server app 127.0.0.1:${app}
backend live
  server live 127.0.0.1:${live}
`,
    );
    return { command: ["haproxy", "-db", "-f", join(place, "haproxy.cfg")], hosts };
  },
};

const caddy = {
  name: "caddy",
  goal: "caddy",
  version: () => firstLine("caddy", "version").split(" ")[0],
  start: (place, { port, app, live }) => {
    const site = (host, to) =>
      `http://${host}:${port} {\n bind 127.0.0.1\n reverse_proxy 127.0.0.1:${to} {\n  flush_interval -1\n }\n}\n`;
    writeFileSync(
      join(place, "Caddyfile"),
      `{\n admin off\n auto_https off\n log {\n  level ERROR\n }\n}\n${site(hosts.app, app)}${site(hosts.live, live)}`,
    );
    const env = { ...process.env, GOMAXPROCS: "1", HOME: place, XDG_DATA_HOME: place, XDG_CONFIG_HOME: place };
    return { command: ["caddy", "run", "--config", join(place, "Caddyfile")], env, hosts };
  },
};

const library = (name, packages) => ({
  name,
  library: true,
  packages,
  version: (libraries) => libraries.versions[packages[0]],
  start: (_, { port, app, live }, { directory }) => ({
    command: [process.execPath, nodeProxy, name, JSON.stringify({ port, app, live, directory })],
    hosts,
  }),
});

const direct = { name: "direct", version: () => "", start: (_, { app, live }) => ({ ports: { app, live }, hosts }) };

const gateway = (name, { core, ...options } = {}) => ({
  name,
  core,
  ours: true,
  version: () => `Node ${process.versions.node}`,
  start: (_, { port, app, live }) => ({
    command: [
      process.execPath,
      fileURLToPath(new URL("gateway-process.mjs", import.meta.url)),
      JSON.stringify({ port, app, live, ...options }),
    ],
    announces: true,
  }),
});

export const gateways = {
  plain: gateway("gateway"),
  manyRoutes: gateway("gateway, 100,000 routes", { routes: 100_000 }),
  scripted: gateway("gateway with the socket script", { socketScript: true }),
  onOneCore: gateway("one process, one core", { core: "one" }),
  onTwoCores: gateway("one process, two cores", { core: "two" }),
  twoWorkers: gateway("two workers, two cores", { core: "two", workers: 2 }),
};
export const libraryPeers = [
  library("http-proxy-3", ["http-proxy-3"]),
  library("httpxy", ["httpxy"]),
  library("@fastify/http-proxy", ["@fastify/http-proxy", "fastify"]),
];
const programPeers = [
  nginx("nginx", nginxStatic, () => hosts),
  nginx("nginx-dyn", nginxDynamic, ({ app, live }) => ({ app: `${app}-x.bench`, live: `${live}-x.bench` })),
  haproxy,
  caddy,
];

/** What can be measured here, and what cannot, with the reason. */
export function findPeers(directory) {
  const missing = installDebian(["nginx", "haproxy", "caddy", "wrk"]);
  const libraries = installLibraries(directory);
  const programs = programPeers.filter(({ name }) => !missing.includes(name.replace("-dyn", "")));
  const absent = missing.map((name) => `${name} is not installed (apt-get install ${name})`);
  if (libraries === undefined) absent.push("the Node libraries cannot be installed from npm");
  return {
    peers: [direct, gateways.plain, ...programs, ...(libraries === undefined ? [] : libraryPeers)],
    libraries,
    absent,
  };
}

function installLibraries(directory) {
  const names = libraryPeers.flatMap(({ packages }) => packages);
  const prefix = join(directory, "libraries");
  mkdirSync(prefix);
  if (!has("npm")) return undefined;
  try {
    execFileSync("npm", ["install", "--prefix", prefix, "--no-audit", "--no-fund", "--ignore-scripts", ...names], {
      stdio: "ignore",
    });
  } catch {
    return undefined;
  }
  const tree = JSON.parse(execFileSync("npm", ["ls", "--prefix", prefix, "--json"], { encoding: "utf8" }));
  return {
    directory: prefix,
    versions: Object.fromEntries(names.map((name) => [name, tree.dependencies[name].version])),
  };
}

/** A peer that runs: `target("app")` says where a request for an app goes. */
export async function startPeer(peer, { directory, ports, libraries }) {
  const place = join(directory, peer.name.replace(/\W/g, "_"));
  mkdirSync(place);
  const { command, env, hosts: names, ports: own, announces } = peer.start(place, ports, libraries);
  if (command === undefined) return { peer, target: (app) => ({ port: own[app], host: names[app] }) };
  const started = startOn(peer.core ?? "proxy", command, env && { env });
  await portAnswers(ports.port, started);
  const known = announces ? await announced(started) : names;
  return { peer, pid: started.pid, child: started.child, target: (app) => ({ port: ports.port, host: known[app] }) };
}

/** The gateway's names are known once it printed them. */
async function announced(started) {
  const until = Date.now() + 10_000;
  while (Date.now() < until) {
    const line = /^\{.*\}$/m.exec(started.output())?.[0];
    if (line !== undefined) return JSON.parse(line);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`the gateway did not start: ${started.output()}`);
}
