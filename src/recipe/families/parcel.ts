import { pinned, unwanted } from "../recipe.ts";
import type { Recipe } from "../recipe.ts";

/** PORT is honoured and strict, all interfaces are bound. */
export const parcel: Recipe = {
  framework: "parcel",
  runtime: "node",
  serves: "pages",
  commands: [{ programs: ["parcel"], notVerbs: ["build", "watch", "help"] }],
  projects: [
    { packages: ["parcel"], files: ["index.html", "src/index.html", "public/index.html"], command: "parcel {file}" },
  ],
  packageName: "parcel",
  configFiles: [".parcelrc"],
  defaultPort: 1234,
  arguments: [pinned(["--port", "-p"], "{port}", "PORT"), pinned("--host", "{host}"), unwanted("--open")],
  repeated: "last",
  env: {},
  whenTaken: "ends",
  hostMode: "local",
  socketScript: false,
};
