import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { previewOutput } from "../../src/preview/contract.ts";
import { endHome } from "./support/end-home.ts";
import { lockedProjects, lockedText } from "./support/locked-project.ts";
import { outputOf } from "./support/mcp-clients.ts";
import { closedPort } from "./support/port-free.ts";
import { openProjectPlane } from "./support/project-plane.ts";
import type { ProjectPlane, StartedProject } from "./support/project-plane.ts";

let plane: ProjectPlane;
beforeAll(async () => {
  plane = await openProjectPlane();
});
afterAll(() => endHome(plane.home));

/** Starts without arguments; what the call told meanwhile, and its answer. */
async function start({ client }: StartedProject) {
  const told: string[] = [];
  const onprogress = ({ message = "" }: { message?: string | undefined }): void => void told.push(message);
  const answer = await client.call("dev_preview_start", { waitSeconds: 45 }, { onprogress });
  return { told, preview: previewOutput.parse(outputOf(answer)) };
}

const installing = "installing dependencies: ";

describe("a project without its dependencies, whose lock file is that of", () => {
  it.each(lockedProjects)(
    "$title, gets them by it, is told so, and serves on the port in its arguments",
    async (locked) => {
      await using project = await plane.project(await locked.files());
      const { told, preview } = await start(project);
      expect(preview, preview.logTail.join("\n")).toMatchObject({ serving: true, status: "ready", problems: [] });
      const commands = told.filter((message) => message.startsWith(installing));
      expect(commands.map((message) => message.slice(installing.length))).toEqual([
        expect.stringMatching(locked.install),
      ]);
      expect((await plane.get(preview.previewUrl!)).body).toBe(lockedText);
      expect(locked.leaves.filter((path) => !existsSync(join(project.root, path)))).toEqual([]);
      outputOf(await project.client.call("dev_preview_stop", { all: true }));
      const again = await start(project);
      expect(again.preview).toMatchObject({ serving: true });
      expect(again.told.filter((message) => message.startsWith(installing))).toEqual([]);
    },
  );

  const once = lockedProjects.filter(({ title }) => title !== "yarn 4 (pnp)");
  // they wait for nothing: most of their time is the pause before another try
  it.concurrent.each(once)("$title, is crashed in time where the registry is not there", async (locked) => {
    await using project = await plane.project(await locked.filesFor(`http://127.0.0.1:${await closedPort()}`));
    const { preview } = await start(project);
    expect(preview).toMatchObject({ serving: false, status: "crashed" });
    expect(preview.problems).toContainEqual(
      expect.objectContaining({
        code: "install_failed",
        message: expect.stringContaining(`${locked.packageManager} `),
      }),
    );
    expect(preview.logTail.join("\n")).toMatch(/ECONNREFUSED|refused/i);
    expect(existsSync(join(project.root, "node_modules/tiny"))).toBe(false);
  });
});
