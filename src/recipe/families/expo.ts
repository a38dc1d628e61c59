import { flag } from "../recipe.ts";
import type { Recipe } from "../recipe.ts";

/** The web side of Expo. With CI set it would not watch files. */
export const expo: Recipe = {
  framework: "expo",
  runtime: "node",
  serves: "pages",
  commands: [{ programs: ["expo"], verbs: ["start", ""] }],
  projects: [{ packages: ["expo"], command: "expo start" }],
  packageName: "expo",
  configFiles: ["app.json", "app.config.js", "app.config.ts"],
  defaultPort: 8081,
  arguments: [flag(["--web", "-w"]), flag(["--port", "-p"], "{port}")],
  repeated: "last",
  env: {},
  whenTaken: "ends",
  hostMode: "local",
  socketScript: false,
};
