import { flag } from "../recipe.ts";
import type { Recipe } from "../recipe.ts";

export const viteConfigFiles = ["js", "mjs", "ts", "cjs", "mts", "cts"].map((extension) => `vite.config.${extension}`);

/** Verbs with which Vite serves nothing; any other word is the folder to serve. */
export const viteNotServing = ["build", "optimize"];

/** PORT and HOST are not read; hot reload follows the page's host, and `BROWSER=none` holds back `--open`. */
export const onVite = {
  runtime: "node",
  serves: "pages",
  packageName: "vite",
  configFiles: viteConfigFiles,
  defaultPort: 5173,
  arguments: [flag("--host", "{host}"), flag("--port", "{port}"), flag("--strictPort")],
  repeated: "last",
  env: {},
  whenTaken: "ends",
  hostMode: "local",
  socketScript: false,
} as const satisfies Partial<Recipe>;

/** Vite 5 to 8, with whatever runs as plain `vite`: React, Vue, Svelte, Solid, Preact, Lit. */
export const vite: Recipe = {
  ...onVite,
  framework: "vite",
  commands: [{ programs: ["vite"], notVerbs: viteNotServing }],
  projects: [
    // a configuration alone is that of a library as well
    { packages: ["vite"], files: ["index.html", "src/index.html", "app/index.html"], command: "vite" },
  ],
};
