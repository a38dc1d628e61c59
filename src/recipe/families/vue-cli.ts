import { pinned, unwanted } from "../recipe.ts";
import type { Recipe } from "../recipe.ts";

/**
 * PORT and HOST are honoured; a taken port is left for another one. Hot reload dials
 * `ws://localhost:port`; the variable makes it follow the page instead. `--public` breaks it.
 */
export const vueCli: Recipe = {
  framework: "vue-cli",
  runtime: "node",
  serves: "pages",
  commands: [{ programs: ["vue-cli-service"], verbs: ["serve", ""] }],
  projects: [{ packages: ["@vue/cli-service"], command: "vue-cli-service serve" }],
  packageName: "@vue/cli-service",
  configFiles: ["vue.config.js", "vue.config.cjs"],
  defaultPort: 8080,
  arguments: [
    pinned("--port", "{port}", "PORT"),
    pinned("--host", "{host}", "HOST"),
    unwanted("--open"),
    { kind: "unwanted", names: ["--public"], valued: true },
  ],
  repeated: "last",
  env: { CODESANDBOX_SSE: "1" },
  whenTaken: "moves",
  hostMode: "local",
  socketScript: true,
};
