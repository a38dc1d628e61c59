import { flag } from "../recipe.ts";
import type { Recipe } from "../recipe.ts";

const names = ["streamlit_app", "app", "main", "Home", "home", "dashboard", "src/app", "src/main"];

/** Runs anew when a file is saved, where it otherwise only offers to. */
export const streamlit: Recipe = {
  framework: "streamlit",
  runtime: "python",
  serves: "pages",
  commands: [{ programs: ["streamlit"], verbs: ["run", "hello"] }],
  projects: [
    {
      files: names.map((name) => `${name}.py`),
      content: /^[ \t]*(?:import|from)[ \t]+streamlit\b/m,
      command: "streamlit run {file}",
    },
  ],
  defaultPort: 8501,
  arguments: [flag("--server.address", "{host}"), flag("--server.port", "{port}"), flag("--server.headless", "true")],
  repeated: "last",
  env: { STREAMLIT_BROWSER_GATHER_USAGE_STATS: "false", STREAMLIT_SERVER_RUN_ON_SAVE: "true" },
  whenTaken: "ends",
  hostMode: "local",
  socketScript: false,
};
