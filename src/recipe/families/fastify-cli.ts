import { flag } from "../recipe.ts";
import type { Recipe } from "../recipe.ts";

export const fastifyCli: Recipe = {
  framework: "fastify",
  runtime: "node",
  serves: "api",
  commands: [{ programs: ["fastify"], verbs: ["start"] }],
  packageName: "fastify-cli",
  defaultPort: 3000,
  arguments: [flag(["-p", "--port"], "{port}"), flag(["-a", "--address"], "{host}")],
  repeated: "last",
  env: { FASTIFY_PORT: "{port}", FASTIFY_ADDRESS: "{host}" },
  whenTaken: "hangs",
  hostMode: "local",
  socketScript: false,
};
