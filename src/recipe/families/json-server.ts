import { flag } from "../recipe.ts";
import type { Recipe } from "../recipe.ts";

/** Takes a flag given twice for a list, and crashes. */
export const jsonServer: Recipe = {
  framework: "json-server",
  runtime: "node",
  serves: "api",
  commands: [{ programs: ["json-server"] }],
  projects: [{ packages: ["json-server"], files: ["db.json"], command: "json-server {file}" }],
  packageName: "json-server",
  configFiles: ["json-server.json"],
  defaultPort: 3000,
  arguments: [flag(["--host", "-H"], "{host}"), flag(["--port", "-p"], "{port}")],
  repeated: "replaced",
  env: {},
  whenTaken: "ends",
  hostMode: "local",
  socketScript: false,
};
