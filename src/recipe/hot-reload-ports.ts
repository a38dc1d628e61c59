import { recipes } from "./recipes.ts";

/** Ports on which a framework's hot reload listens beside its page: nobody opens them in a browser. */
export function hotReloadPorts(framework: string | undefined): readonly number[] {
  return recipes.find((recipe) => recipe.framework === framework)?.secondPorts ?? [];
}
