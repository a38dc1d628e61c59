import { joined } from "../recipe.ts";
import type { Recipe } from "../recipe.ts";

/** Runs a dev server of any framework, and hands it the flags it does not know itself. */
const common = {
  runtime: "node",
  serves: "pages",
  packageName: "nx",
  configFiles: ["nx.json"],
  repeated: "last",
  variable: "PORT",
  env: { NX_DAEMON: "false", NX_TUI: "false" },
  whenTaken: "moves",
  hostMode: "local",
  socketScript: true,
} as const satisfies Partial<Recipe>;

const verbs = ["serve", "dev", "start", "develop"];
const target = /^[\w@/.-]+:(?:serve|dev|start|develop)(?::[\w-]+)?$/;

/** `next dev` knows no --host, and binds all interfaces without it. */
const nxNext: Recipe = {
  ...common,
  framework: "nx",
  commands: [
    { programs: ["nx"], verbs, packages: ["next"] },
    { programs: ["nx"], verbs: ["run"], argument: target, packages: ["next"] },
  ],
  arguments: [joined("--port", "{port}")],
};

const nx: Recipe = {
  ...common,
  framework: "nx",
  commands: [
    { programs: ["nx"], verbs },
    { programs: ["nx"], verbs: ["run"], argument: target },
  ],
  arguments: [joined("--host", "{host}"), joined("--port", "{port}")],
};

export const nxRecipes: readonly Recipe[] = [nxNext, nx];
