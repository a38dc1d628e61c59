import { flag } from "../recipe.ts";
import type { Recipe } from "../recipe.ts";

/** A folder of files, served by the program that this package brings. */
export const staticFolder: Recipe = {
  framework: "static",
  runtime: "node",
  serves: "files",
  commands: [{ programs: ["node"], argument: /(?:^|\/)static-server\/serve-static\.[jt]s$/ }],
  arguments: [flag("--host", "{host}"), flag("--port", "{port}")],
  repeated: "last",
  env: {},
  whenTaken: "ends",
  hostMode: "local",
  socketScript: false,
};
