import { flag } from "../recipe.ts";
import type { Recipe } from "../recipe.ts";

const folders = ["", "app/", "src/", "src/app/"];
const names = ["main", "app", "server", "api", "application", "wsgi", "asgi", "__init__"];

/** Where a Python application usually is, the most likely places first. */
export const pythonFiles: readonly string[] = folders.flatMap((folder) => names.map((name) => `${folder}${name}.py`));

const httpServer: Recipe = {
  framework: "http.server",
  runtime: "python",
  serves: "pages",
  commands: [{ programs: ["http.server"] }],
  defaultPort: 8000,
  arguments: [flag(["--bind", "-b"], "{host}"), { kind: "address", value: "{port}", matches: /^\d{1,5}$/ }],
  repeated: "last",
  env: {},
  whenTaken: "ends",
  hostMode: "local",
  socketScript: false,
};

/** A server of the project's own code. */
const python: Recipe = {
  framework: "python",
  runtime: "python",
  serves: "api",
  commands: [{ programs: ["python", "python3"], argument: /\.py$/ }],
  arguments: [],
  repeated: "last",
  variable: "PORT",
  env: { GRADIO_SERVER_NAME: "{host}", GRADIO_SERVER_PORT: "{port}" },
  whenTaken: "ends",
  hostMode: "local",
  socketScript: false,
  note: "Read PORT from the environment; a port fixed in the code is followed, but cannot be used twice.",
};

export const pythonRecipes: readonly Recipe[] = [httpServer, python];
