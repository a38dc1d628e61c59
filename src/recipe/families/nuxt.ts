import { flag, unwanted } from "../recipe.ts";
import type { Recipe } from "../recipe.ts";

/** Always moves when the port is taken: there is no strict flag. */
export const nuxt: Recipe = {
  framework: "nuxt",
  runtime: "node",
  serves: "pages",
  commands: [{ programs: ["nuxt", "nuxi"], verbs: ["dev", ""] }],
  projects: [{ packages: ["nuxt"], command: "nuxt dev" }],
  packageName: "nuxt",
  configFiles: ["nuxt.config.ts", "nuxt.config.js", "nuxt.config.mjs"],
  defaultPort: 3000,
  arguments: [flag(["--host", "-h"], "{host}"), flag(["--port", "-p"], "{port}"), unwanted("--open", "-o")],
  repeated: "last",
  env: {},
  whenTaken: "moves",
  hostMode: "local",
  socketScript: false,
};
