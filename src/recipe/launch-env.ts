import type { Recipe } from "./recipe.ts";

/** All interfaces, so that a gateway outside the sandbox reaches the server. */
export const bindHost = "0.0.0.0";

/**
 * The environment of every launch: open no browser, ask nothing, report nothing, print no colours.
 * CI and NODE_ENV are never set: CI switches reloading off in some servers, NODE_ENV is the tool's.
 */
export function launchEnv(publicDomain: string): Readonly<Record<string, string>> {
  return {
    HOST: bindHost,
    BROWSER: "none",
    // both: one family of programs reads any FORCE_COLOR as yes, the other does not know NO_COLOR
    FORCE_COLOR: "0",
    NO_COLOR: "1",
    COREPACK_ENABLE_DOWNLOAD_PROMPT: "0",
    ...quickRetries,
    // what Python prints is otherwise held back until its buffer is full
    PYTHONUNBUFFERED: "1",
    // Vite's host check sees localhost from the gateway; this admits the preview's own name as well
    __VITE_ADDITIONAL_SERVER_ALLOWED_HOSTS: `.${publicDomain}`,
    NEXT_TELEMETRY_DISABLED: "1",
    NUXT_TELEMETRY_DISABLED: "1",
    ASTRO_TELEMETRY_DISABLED: "1",
    STORYBOOK_DISABLE_TELEMETRY: "1",
    GATSBY_TELEMETRY_DISABLED: "1",
    EXPO_NO_TELEMETRY: "1",
    TURBO_TELEMETRY_DISABLED: "1",
    NG_CLI_ANALYTICS: "false",
  };
}

/** npm and pnpm ask a registry that is not there for more than a minute: so, for some ten seconds. */
const quickRetries: Readonly<Record<string, string>> = {
  npm_config_fetch_retry_mintimeout: "1000",
  npm_config_fetch_retry_maxtimeout: "5000",
  // from its version 11 on, pnpm reads no variables of npm
  pnpm_config_fetch_retry_mintimeout: "1000",
  pnpm_config_fetch_retry_maxtimeout: "5000",
};

/**
 * For a command that nobody here can read (`make dev`): what tells a server its address besides PORT.
 * Where the server is known it gets its own alone, so that no other takes the same port.
 */
export const addressEnv: Readonly<Record<string, string>> = {
  NUXT_HOST: bindHost,
  NUXT_PORT: "{port}",
  FASTIFY_ADDRESS: bindHost,
  FASTIFY_PORT: "{port}",
  GATSBY_HOST: bindHost,
  DENO_SERVE_ADDRESS: `tcp:${bindHost}:{port}`,
  UVICORN_HOST: bindHost,
  UVICORN_PORT: "{port}",
  FLASK_RUN_HOST: bindHost,
  FLASK_RUN_PORT: "{port}",
  BINDING: bindHost,
  WDS_SOCKET_PORT: "0",
  DANGEROUSLY_DISABLE_HOST_CHECK: "true",
};

/** The recipe's variables; `{port}` is left to be filled in. */
export function recipeEnv(recipe: Recipe | undefined, publicDomain: string): Readonly<Record<string, string>> {
  const entries = Object.entries(recipe?.env ?? addressEnv);
  const fill = (value: string): string => value.replace("{host}", bindHost).replace("{domain}", publicDomain);
  return Object.fromEntries(entries.map(([name, value]) => [name, fill(value)]));
}
