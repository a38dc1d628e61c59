import type { Recipe } from "./recipe.ts";

/**
 * Vite 5 to 8, and whatever runs as plain `vite` (SvelteKit, TanStack Start): PORT and HOST are not
 * read, the last of two equal flags wins, hot reload follows the page's host.
 */
export const vite: Recipe = {
  framework: "vite",
  programs: ["vite"],
  notServing: ["build", "optimize"],
  packageName: "vite",
  configFiles: ["js", "mjs", "ts", "cjs", "mts", "cts"].map((extension) => `vite.config.${extension}`),
  flags: [
    { names: ["--host"], value: "{host}", when: "always" },
    { names: ["--port"], value: "{port}", when: "always" },
    { names: ["--strictPort"], when: "always" },
  ],
  env: {},
  hostMode: "local",
};
