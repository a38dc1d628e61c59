import { flag } from "../recipe.ts";
import type { Recipe } from "../recipe.ts";
import { pythonFiles } from "./python.ts";

/** Debug mode watches the files. Newer versions read the second variable only, older ones the first. */
export const flask: Recipe = {
  framework: "flask",
  runtime: "python",
  serves: "pages",
  commands: [{ programs: ["flask"], verbs: ["run"] }],
  projects: [
    { files: pythonFiles, content: /^\w+\s*=\s*(?:flask\.)?Flask\(/m, command: "FLASK_APP={module} flask run" },
    { files: pythonFiles, content: /^def (create_app)\(/m, command: "FLASK_APP={module} flask run" },
  ],
  defaultPort: 5000,
  arguments: [flag(["--host", "-h"], "{host}"), flag(["--port", "-p"], "{port}")],
  repeated: "last",
  env: { FLASK_RUN_HOST: "{host}", FLASK_RUN_PORT: "{port}", FLASK_DEBUG: "1", FLASK_RUN_DEBUG: "1" },
  whenTaken: "ends",
  hostMode: "local",
  socketScript: false,
};
