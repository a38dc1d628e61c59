import { readFileSync } from "node:fs";
import { createClient } from "../../../src/client/client.ts";
import type { PlaneRecord } from "../../../src/client/plane-file.ts";
import { stateDir } from "../../../src/state-dir.ts";
import { until } from "../../support/until.ts";
import type { PlaneHome } from "./plane-process.ts";
import { planeOf } from "./stdio-front.ts";

/**
 * Stops the previews and the plane of a home, whoever started them, and removes it. Rejects when a process
 * stays, and ends it: a failed test leaves none behind either.
 */
export async function endHome(home: PlaneHome): Promise<void> {
  const plane = planeOf(home);
  try {
    if (plane !== undefined) await stopPreviews(home, plane).finally(() => process.kill(plane.pid, "SIGTERM"));
    await until("nothing of this home runs", () => home.processes().length === 0, 30_000).catch((cause: unknown) => {
      throw new Error(`left running: ${JSON.stringify(home.processes())}`, { cause });
    });
  } finally {
    for (const { pid } of home.processes()) process.kill(pid, "SIGKILL");
    home.remove();
  }
}

async function stopPreviews(home: PlaneHome, { controlUrl: url }: PlaneRecord): Promise<void> {
  const token = readFileSync(stateDir(home.state).tokenFile, "utf8").trim();
  const projects = await createClient({ url, token }).projects.list();
  await Promise.all(projects.map(({ slug: project }) => createClient({ url, token, project }).stop({ all: true })));
}
