import type { Recipe } from "../recipe.ts";

const commands = ["server", "web", "api", "app", "main"].map((name) => `cmd/${name}/main.go`);
const serves = /\bListenAndServe|\bhttp\.Serve\b|\bgin\.|\becho\.New|\bfiber\.New|\bchi\.New|\.Listen\(/;

/** The code reads PORT, or the port that it really binds is followed. It does not rebuild on edits. */
export const go: Recipe = {
  framework: "go",
  runtime: "go",
  serves: "api",
  commands: [{ programs: ["go"], verbs: ["run"] }],
  projects: [
    { files: ["main.go"], content: serves, command: "go run ." },
    { files: ["cmd/main.go"], content: serves, command: "go run ./cmd" },
    { files: commands, content: serves, command: "go run ./{folder}" },
    { files: ["main.go"], beside: ["go.mod"], command: "go run ." },
  ],
  arguments: [],
  repeated: "last",
  variable: "PORT",
  env: {},
  whenTaken: "ends",
  hostMode: "local",
  socketScript: false,
  note: "go run does not rebuild on edits: start again with ifRunning restart.",
};
