import { flag, joined } from "../recipe.ts";
import type { Recipe } from "../recipe.ts";

const configFiles = ["hugo.toml", "hugo.yaml", "hugo.yml", "hugo.json", "config/_default/hugo.toml"];

/** Links are kept relative to the page's own host; live reload dials the dev port. */
export const hugo: Recipe = {
  framework: "hugo",
  runtime: "hugo",
  serves: "pages",
  commands: [{ programs: ["hugo"], verbs: ["server", "serve"] }],
  projects: [
    { files: configFiles, command: "hugo server" },
    {
      files: ["config.toml", "config.yaml", "config/_default/config.toml"],
      beside: ["content"],
      command: "hugo server",
    },
  ],
  configFiles,
  defaultPort: 1313,
  arguments: [
    flag("--bind", "{host}"),
    flag(["--port", "-p"], "{port}"),
    flag(["--baseURL", "-b"], "/"),
    joined("--appendPort", "false"),
  ],
  repeated: "last",
  env: {},
  whenTaken: "ends",
  hostMode: "local",
  socketScript: true,
};
