import type { Recipe } from "../recipe.ts";

/** Deno.serve does not read PORT; its own variable counts over the address in the code. */
export const deno: Recipe = {
  framework: "deno",
  runtime: "deno",
  serves: "api",
  commands: [
    { programs: ["deno"], verbs: ["run", "serve"] },
    {
      programs: ["deno"],
      argument: /\.[cm]?[jt]sx?$/,
      notVerbs: ["test", "check", "fmt", "lint", "bundle", "compile"],
    },
  ],
  projects: [
    {
      files: ["main.ts", "server.ts", "mod.ts", "src/main.ts", "main.js"],
      content: /\bDeno\.serve\s*\(/,
      command: "deno run --allow-all --watch {file}",
    },
  ],
  defaultPort: 8000,
  arguments: [],
  repeated: "last",
  variable: "DENO_SERVE_ADDRESS",
  env: { DENO_SERVE_ADDRESS: "tcp:{host}:{port}" },
  whenTaken: "ends",
  hostMode: "local",
  socketScript: false,
};
