import { flag, unwanted } from "../recipe.ts";
import type { Recipe } from "../recipe.ts";

const common = {
  runtime: "node",
  serves: "pages",
  arguments: [flag("--host", "{host}"), flag("--port", "{port}"), unwanted("--open", "-o")],
  env: {},
  hostMode: "local",
} as const satisfies Partial<Recipe>;

/** Hot reload dials the dev port, and no flag changes that. */
const rspack: Recipe = {
  ...common,
  framework: "rspack",
  commands: [{ programs: ["rspack"], verbs: ["dev", "serve", "server", "s"] }],
  projects: [{ packages: ["@rspack/cli"], command: "rspack dev" }],
  packageName: "@rspack/cli",
  configFiles: ["js", "ts", "cjs", "mjs", "mts", "cts"].map((extension) => `rspack.config.${extension}`),
  defaultPort: 8080,
  repeated: "last",
  whenTaken: "ends",
  socketScript: true,
};

/** Crashes on a flag given twice; a taken port is left for the next one (strictness is a setting of its config only). */
const rsbuild: Recipe = {
  ...common,
  framework: "rsbuild",
  commands: [{ programs: ["rsbuild"], verbs: ["dev", ""] }],
  projects: [{ packages: ["@rsbuild/core"], command: "rsbuild dev" }],
  packageName: "@rsbuild/core",
  configFiles: ["js", "ts", "cjs", "mjs", "mts", "cts"].map((extension) => `rsbuild.config.${extension}`),
  defaultPort: 3000,
  repeated: "replaced",
  whenTaken: "moves",
  socketScript: false,
};

export const rspackRecipes: readonly Recipe[] = [rsbuild, rspack];
