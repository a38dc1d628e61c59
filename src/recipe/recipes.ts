import { next } from "./next.ts";
import { node } from "./node.ts";
import type { Recipe } from "./recipe.ts";
import { vite } from "./vite.ts";

/** Every family, the more particular ones first. */
export const recipes: readonly Recipe[] = [vite, next, node];
