import { flag } from "../recipe.ts";
import type { Recipe } from "../recipe.ts";

export const docusaurus: Recipe = {
  framework: "docusaurus",
  runtime: "node",
  serves: "docs",
  commands: [{ programs: ["docusaurus"], verbs: ["start"] }],
  projects: [{ packages: ["@docusaurus/core"], command: "docusaurus start" }],
  packageName: "@docusaurus/core",
  configFiles: ["js", "ts", "mjs", "cjs"].map((extension) => `docusaurus.config.${extension}`),
  defaultPort: 3000,
  arguments: [flag(["--host", "-h"], "{host}"), flag(["--port", "-p"], "{port}"), flag("--no-open")],
  repeated: "last",
  env: {},
  whenTaken: "ends",
  hostMode: "local",
  socketScript: false,
};
