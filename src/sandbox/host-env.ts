import { delimiter } from "node:path";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * What of the plane's own environment a project's processes inherit: PATH, HOME, proxies,
 * certificates and the like. Left out is what is the plane's alone (its settings and secrets) and
 * what described how the plane itself was started: npm's variables would send the project's package
 * manager to the plane's folder, NODE_ENV would make it skip development dependencies, and
 * NODE_CHANNEL_FD would make its Node processes talk on a descriptor that is not theirs.
 */
export function inheritedEnv(hostEnv: Environment): Record<string, string> {
  const underTest = Object.keys(hostEnv).some((name) => name.startsWith("VITEST"));
  const inherited: Record<string, string> = {};
  for (const [name, value] of Object.entries(hostEnv)) {
    if (value !== undefined && !isPlanesOwn(name) && !(underTest && testRunner.has(name))) inherited[name] = value;
  }
  return inherited;
}

function isPlanesOwn(name: string): boolean {
  if (network.has(name)) return false;
  return own.has(name) || ownPrefixes.some((prefix) => name.startsWith(prefix));
}

const ownPrefixes = ["DEV_PREVIEW_", "npm_", "VITEST", "TINYPOOL_"];

const own = new Set([
  "DATABASE_URL",
  "PGPASSWORD",
  "PGPASSFILE",
  "NODE_ENV",
  "NODE_CHANNEL_FD",
  "NODE_CHANNEL_SERIALIZATION_MODE",
  "NODE_UNIQUE_ID",
  "NODE_V8_COVERAGE",
  "INIT_CWD",
  "PNPM_SCRIPT_SRC_DIR",
  "PWD",
  "OLDPWD",
  "PORT",
  "HOST",
  "LISTEN_PID",
  "LISTEN_FDS",
  "LISTEN_FDNAMES",
]);

/** How npm reaches its registry is a fact of the host, even when npm itself handed it on. */
const network = new Set([
  "npm_config_registry",
  "npm_config_proxy",
  "npm_config_https_proxy",
  "npm_config_noproxy",
  "npm_config_cafile",
  "npm_config_strict_ssl",
]);

/** vitest's workers carry these for themselves; outside of them the same names are the user's. */
const testRunner = new Set(["NODE_OPTIONS", "TEST", "MODE", "DEV", "PROD", "SSR", "BASE_URL"]);

/** What a confined launch inherits: nothing that its plane's user keeps in the environment for themselves. */
export function confinedEnv(inherited: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(inherited).filter(([name]) => shared.has(name) || network.has(name) || name.startsWith("LC_")),
  );
}

const shared = new Set([
  "PATH",
  "LANG",
  "LANGUAGE",
  "TZ",
  "TERM",
  "HTTP_PROXY",
  "HTTPS_PROXY",
  "NO_PROXY",
  "http_proxy",
  "https_proxy",
  "no_proxy",
]);

/** Adds variables to an environment and keeps the directory `wall` in front of its PATH, whatever they are. */
export function walledEnv(base: Readonly<Record<string, string>>, wall: string) {
  return (added: Readonly<Record<string, string>>): Record<string, string> => {
    const env = { ...base, ...added };
    return { ...env, PATH: `${wall}${delimiter}${env["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"}` };
  };
}
