import { flag } from "../recipe.ts";
import type { Recipe } from "../recipe.ts";

/** Versions 5 and 6: PORT is not read, hot reload dials the dev port. */
export const webpack: Recipe = {
  framework: "webpack",
  runtime: "node",
  serves: "pages",
  commands: [
    { programs: ["webpack", "webpack-cli"], verbs: ["serve", "server", "s"] },
    { programs: ["webpack-dev-server"] },
  ],
  projects: [{ packages: ["webpack-dev-server"], command: "webpack serve" }],
  packageName: "webpack-cli",
  configFiles: ["js", "ts", "cjs", "mjs"].map((extension) => `webpack.config.${extension}`),
  defaultPort: 8080,
  arguments: [flag(["--host", "-h"], "{host}"), flag(["--port", "-p"], "{port}"), flag("--no-open")],
  repeated: "last",
  env: {},
  whenTaken: "ends",
  hostMode: "local",
  socketScript: true,
};
