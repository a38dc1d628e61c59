import type { Recipe } from "./recipe.ts";

/** A server of the project's own code: it reads PORT, or the port that it really binds is followed. */
export const node: Recipe = {
  framework: "node",
  programs: ["node", "nodemon", "tsx"],
  notServing: [],
  configFiles: [],
  flags: [],
  env: {},
  hostMode: "local",
};
