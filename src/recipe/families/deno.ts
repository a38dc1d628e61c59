import { inPlace } from "../recipe.ts";
import type { Recipe } from "../recipe.ts";

const common = {
  runtime: "deno",
  serves: "api",
  defaultPort: 8000,
  whenTaken: "ends",
  hostMode: "local",
  socketScript: false,
} as const satisfies Partial<Recipe>;

const files = ["main.ts", "server.ts", "mod.ts", "src/main.ts", "main.js"];

/**
 * May use the network at the address of its own arguments alone: at that of Deno's variable it ends,
 * unless the script allows more. Behind the file its arguments are the file's.
 */
const serve: Recipe = {
  ...common,
  framework: "deno",
  commands: [{ programs: ["deno"], verbs: ["serve"] }],
  projects: [
    {
      files,
      content: /^export default \{[^}]{0,200}\bfetch\b/m,
      beside: ["deno.json", "deno.jsonc", "deno.lock"],
      command: "deno serve --allow-all --watch {file}",
    },
  ],
  arguments: [inPlace("--host", "{host}"), inPlace("--port", "{port}")],
  repeated: "replaced",
  env: {},
};

/** Deno.serve does not read PORT; its own variable counts over the address in the code. */
const run: Recipe = {
  ...common,
  framework: "deno",
  commands: [
    { programs: ["deno"], verbs: ["run"] },
    {
      programs: ["deno"],
      argument: /\.[cm]?[jt]sx?$/,
      notVerbs: ["test", "check", "fmt", "lint", "bundle", "compile"],
    },
  ],
  projects: [{ files, content: /\bDeno\.serve\s*\(/, command: "deno run --allow-all --watch {file}" }],
  arguments: [],
  repeated: "last",
  variable: "DENO_SERVE_ADDRESS",
  env: { DENO_SERVE_ADDRESS: "tcp:{host}:{port}" },
};

export const denoRecipes: readonly Recipe[] = [serve, run];
