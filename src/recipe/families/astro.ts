import { flag, unwanted } from "../recipe.ts";
import type { Recipe } from "../recipe.ts";

/** Two equal flags are both ignored in silence; a taken port is left for the next one. */
export const astro: Recipe = {
  framework: "astro",
  runtime: "node",
  serves: "pages",
  commands: [{ programs: ["astro"], verbs: ["dev", "start"] }],
  projects: [{ packages: ["astro"], command: "astro dev" }],
  packageName: "astro",
  configFiles: ["mjs", "ts", "js", "cjs", "mts"].map((extension) => `astro.config.${extension}`),
  defaultPort: 4321,
  arguments: [flag("--host", "{host}"), flag("--port", "{port}"), unwanted("--open")],
  repeated: "replaced",
  env: {},
  whenTaken: "moves",
  hostMode: "local",
  socketScript: false,
  note: "Astro 7 needs Node 22.12 or later.",
};
