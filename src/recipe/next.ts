import type { Recipe } from "./recipe.ts";

/**
 * Next 15 and 16: PORT is honoured and strict, all interfaces are bound; `-p` and `-H` in the script
 * overrule the environment, and the last of two wins.
 */
export const next: Recipe = {
  framework: "next",
  programs: ["next"],
  notServing: ["build", "export", "lint", "info", "telemetry", "typegen", "upgrade", "analyze"],
  packageName: "next",
  configFiles: ["js", "mjs", "ts", "mts"].map((extension) => `next.config.${extension}`),
  flags: [
    { names: ["-p", "--port"], value: "{port}", when: "pinned", env: "PORT" },
    { names: ["-H", "--hostname"], value: "{host}", when: "pinned" },
  ],
  env: {},
  hostMode: "local",
};
