import { flag, unwanted } from "../recipe.ts";
import type { Recipe } from "../recipe.ts";

/** PORT counts before `--port`; HOST is not read. A busy port ends it with exit code 127. */
export const angular: Recipe = {
  framework: "angular",
  runtime: "node",
  serves: "pages",
  commands: [{ programs: ["ng"], verbs: ["serve", "s", "dev"] }],
  projects: [{ files: ["angular.json", ".angular.json"], packages: ["@angular/cli"], command: "ng serve" }],
  packageName: "@angular/cli",
  configFiles: ["angular.json"],
  defaultPort: 4200,
  arguments: [flag("--host", "{host}"), flag("--port", "{port}"), unwanted("--open", "-o")],
  repeated: "last",
  variable: "PORT",
  env: {},
  whenTaken: "ends",
  hostMode: "local",
  socketScript: false,
  note: "Angular 22 needs Node 22.22.3 or later.",
};
