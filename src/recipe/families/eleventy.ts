import { joined } from "../recipe.ts";
import type { Recipe } from "../recipe.ts";

const configFiles = [".eleventy.js", "eleventy.config.js", "eleventy.config.mjs", "eleventy.config.cjs"];

/** Reads no environment, binds all interfaces, moves from a taken port, crashes on a port given twice. */
export const eleventy: Recipe = {
  framework: "eleventy",
  runtime: "node",
  serves: "pages",
  commands: [{ programs: ["eleventy"], argument: /^--serve$/ }],
  projects: [{ packages: ["@11ty/eleventy"], command: "eleventy --serve" }],
  packageName: "@11ty/eleventy",
  configFiles,
  defaultPort: 8080,
  arguments: [joined("--port", "{port}")],
  repeated: "replaced",
  env: {},
  whenTaken: "moves",
  hostMode: "local",
  socketScript: false,
};
