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
    // Vite's host check sees localhost from the gateway; this admits the preview's own name as well
    __VITE_ADDITIONAL_SERVER_ALLOWED_HOSTS: `.${publicDomain}`,
    NEXT_TELEMETRY_DISABLED: "1",
    NUXT_TELEMETRY_DISABLED: "1",
    ASTRO_TELEMETRY_DISABLED: "1",
    STORYBOOK_DISABLE_TELEMETRY: "1",
    GATSBY_TELEMETRY_DISABLED: "1",
    EXPO_NO_TELEMETRY: "1",
    NG_CLI_ANALYTICS: "false",
  };
}
