import { describe, expect, it } from "vitest";
import { readablePaths } from "../../../src/sandbox/isolation/readable-paths.ts";

const home = "/home/ada";
const shown = (...folders: string[]) =>
  readablePaths({ path: folders.join(":"), home, nodeExecutable: "/usr/bin/node" }).filter(
    (path) => path.startsWith("/home/ada") || path.startsWith("/srv"),
  );

describe("what a confined launch reads besides the system", () => {
  it("is the whole of an installation whose programs are on the PATH", () => {
    expect(shown("/home/ada/.nvm/versions/node/v22/bin", "/srv/go/bin", "/home/ada/.pyenv/shims")).toEqual([
      "/home/ada/.nvm/versions/node/v22",
      "/srv/go",
      "/home/ada/.pyenv",
    ]);
  });

  it("is nothing but the programs where the user's own files lie beside them", () => {
    expect(shown("/home/ada/.local/bin", "/home/ada/.cargo/bin")).toEqual([
      "/home/ada/.local/bin",
      "/home/ada/.cargo/bin",
    ]);
  });

  it("is never the home, nor what holds it", () => {
    expect(shown("/home/ada/bin", "/home/ada")).toEqual(["/home/ada/bin"]);
  });
});
