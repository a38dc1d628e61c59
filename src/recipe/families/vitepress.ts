import type { Recipe } from "../recipe.ts";
import { onVite } from "./vite.ts";

const homes = ["docs/.vitepress", "doc/.vitepress", "website/.vitepress"];

/** Brings its own Vite, which crashes on a flag given twice and reads no list of admitted hosts. */
export const vitepress: Recipe = {
  ...onVite,
  framework: "vitepress",
  serves: "docs",
  packageName: "vitepress",
  configFiles: [],
  commands: [{ programs: ["vitepress"], notVerbs: ["build", "preview", "serve", "init"] }],
  projects: [
    { packages: ["vitepress"], files: [".vitepress"], command: "vitepress dev" },
    ...homes.map((home) => ({
      packages: ["vitepress"],
      files: [home],
      command: `vitepress dev ${home.slice(0, home.indexOf("/"))}`,
    })),
  ],
  repeated: "replaced",
};
