import { flag, unwanted } from "../recipe.ts";
import type { Recipe } from "../recipe.ts";

export const gatsby: Recipe = {
  framework: "gatsby",
  runtime: "node",
  serves: "pages",
  commands: [{ programs: ["gatsby"], verbs: ["develop", "dev"] }],
  projects: [{ packages: ["gatsby"], command: "gatsby develop" }],
  packageName: "gatsby",
  configFiles: ["js", "ts", "mjs"].map((extension) => `gatsby-config.${extension}`),
  defaultPort: 8000,
  arguments: [flag(["-H", "--host"], "{host}"), flag(["-p", "--port"], "{port}"), unwanted("-o", "--open")],
  repeated: "last",
  env: { GATSBY_HOST: "{host}" },
  whenTaken: "ends",
  hostMode: "local",
  socketScript: false,
};
