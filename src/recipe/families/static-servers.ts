import { flag, joined, pinned, unwanted } from "../recipe.ts";
import type { Recipe } from "../recipe.ts";

const common = {
  runtime: "node",
  serves: "pages",
  env: {},
  hostMode: "local",
  socketScript: false,
} as const satisfies Partial<Recipe>;

/** Listens on every address that it is given, and on a random port when one is taken. */
const serve: Recipe = {
  ...common,
  framework: "serve",
  commands: [{ programs: ["serve"] }],
  packageName: "serve",
  configFiles: ["serve.json"],
  defaultPort: 3000,
  arguments: [pinned(["-l", "--listen", "-p"], "{port}", "PORT")],
  repeated: "replaced",
  whenTaken: "moves",
};

/** Would let browsers keep files for an hour. */
const httpServer: Recipe = {
  ...common,
  framework: "http-server",
  commands: [{ programs: ["http-server"] }],
  packageName: "http-server",
  defaultPort: 8080,
  arguments: [flag("-a", "{host}"), flag(["-p", "--port"], "{port}"), flag(["-c-1", "-c"]), unwanted("-o")],
  repeated: "replaced",
  whenTaken: "ends",
};

const liveServer: Recipe = {
  ...common,
  framework: "live-server",
  commands: [{ programs: ["live-server"] }],
  packageName: "live-server",
  defaultPort: 8080,
  arguments: [joined("--host", "{host}"), joined("--port", "{port}"), flag("--no-browser")],
  repeated: "last",
  whenTaken: "moves",
};

/** Its settings page has a port of its own, which nobody needs. */
const browserSync: Recipe = {
  ...common,
  framework: "browser-sync",
  commands: [{ programs: ["browser-sync"], verbs: ["start"] }],
  packageName: "browser-sync",
  configFiles: ["bs-config.js"],
  defaultPort: 3000,
  arguments: [flag("--port", "{port}"), flag("--no-open"), flag("--no-ui")],
  repeated: "last",
  whenTaken: "moves",
};

export const staticServerRecipes: readonly Recipe[] = [serve, httpServer, liveServer, browserSync];
