import { pinned } from "../recipe.ts";
import type { Recipe } from "../recipe.ts";

/**
 * Next 15 and 16: PORT is honoured and strict, all interfaces are bound; `-p` and `-H` in the script
 * overrule the environment, and the last of two wins. A busy port ends Next 15 with exit code 0. A lock
 * file that lacks the compilers of other platforms would be completed from the registry at each start.
 */
export const next: Recipe = {
  framework: "next",
  runtime: "node",
  serves: "pages",
  commands: [
    {
      programs: ["next"],
      notVerbs: ["build", "export", "lint", "info", "telemetry", "typegen", "upgrade", "analyze"],
    },
  ],
  projects: [{ packages: ["next"], command: "next dev" }],
  packageName: "next",
  configFiles: ["js", "mjs", "ts", "mts"].map((extension) => `next.config.${extension}`),
  defaultPort: 3000,
  arguments: [pinned(["-p", "--port"], "{port}", "PORT"), pinned(["-H", "--hostname"], "{host}")],
  repeated: "last",
  env: { NEXT_IGNORE_INCORRECT_LOCKFILE: "1" },
  whenTaken: "ends",
  hostMode: "local",
  socketScript: false,
  note: "Two copies in one directory refuse each other.",
};
