import type { Recipe } from "../recipe.ts";

const programs = ["react-scripts", "craco", "react-app-rewired", "rescripts"];

/**
 * PORT and HOST are honoured, there are no flags. With `proxy` in package.json it would not start
 * without its host check being off; its socket follows the page at port 0.
 */
export const createReactApp: Recipe = {
  framework: "create-react-app",
  runtime: "node",
  serves: "pages",
  commands: [{ programs, verbs: ["start"] }],
  projects: [{ packages: ["react-scripts"], command: "react-scripts start" }],
  packageName: "react-scripts",
  configFiles: ["craco.config.js", "config-overrides.js"],
  defaultPort: 3000,
  arguments: [],
  repeated: "last",
  variable: "PORT",
  env: { WDS_SOCKET_PORT: "0", DANGEROUSLY_DISABLE_HOST_CHECK: "true" },
  whenTaken: "ends",
  hostMode: "local",
  socketScript: false,
};
