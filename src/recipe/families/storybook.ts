import { flag } from "../recipe.ts";
import type { Recipe } from "../recipe.ts";

/** The Vite inside dials the dev port; `--ci` opens no browser and asks nothing. */
export const storybook: Recipe = {
  framework: "storybook",
  runtime: "node",
  serves: "docs",
  commands: [{ programs: ["storybook", "sb"], verbs: ["dev"] }],
  projects: [{ packages: ["storybook"], files: [".storybook"], command: "storybook dev" }],
  packageName: "storybook",
  configFiles: [],
  defaultPort: 6006,
  arguments: [flag(["--host", "-h"], "{host}"), flag(["-p", "--port"], "{port}"), flag("--exact-port"), flag("--ci")],
  repeated: "last",
  env: {},
  whenTaken: "ends",
  hostMode: "local",
  socketScript: true,
};
