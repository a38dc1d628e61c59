import { existsSync } from "node:fs";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findPlane } from "../../src/client/find-plane.ts";
import { readPlaneFile } from "../../src/client/plane-file.ts";
import { isProcessAlive } from "../../src/client/process-start.ts";
import { endProcesses } from "./support/end-processes.ts";
import { bin, createPlace, runCli } from "./support/run-cli.ts";
import type { Place } from "./support/run-cli.ts";

// A real plane on the embedded database: slow on a loaded machine, and bounded all the same.
const bound = 120_000;

let place: Place;
const fronts: Client[] = [];
beforeEach(() => {
  place = createPlace();
});
afterEach(async () => {
  for (const front of fronts.splice(0)) await front.close();
  await endPlane();
  // A plane that lost the race may have held the database while the winner ended, or be about to win.
  await endProcesses(place.home);
  place.remove();
}, bound);

async function connectFront(): Promise<Client> {
  const client = new Client({ name: "test", version: "0" });
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [bin, "mcp"],
    cwd: place.project,
    env: place.env,
    stderr: "ignore",
  });
  await client.connect(transport);
  fronts.push(client);
  return client;
}

const list = (client: Client) => client.callTool({ name: "dev_preview_list", arguments: {} });

/** A first start on a busy machine may outlast the bound of one call: then the call says so, and is repeated. */
async function listUntilAnswered(client: Client): Promise<unknown> {
  const deadline = performance.now() + bound / 2;
  for (;;) {
    const answer = await list(client);
    if (answer.isError !== true) return answer.structuredContent;
    if (performance.now() > deadline) throw new Error(`no answer: ${JSON.stringify(answer.content)}`);
  }
}

async function endPlane(): Promise<void> {
  const plane = readPlaneFile(place.state.planeFile);
  if (plane === undefined || !isProcessAlive(plane.pid, plane.startTime)) return;
  process.kill(plane.pid, "SIGTERM");
  const deadline = performance.now() + bound / 4;
  while (isProcessAlive(plane.pid, plane.startTime)) {
    if (performance.now() > deadline) throw new Error(`plane ${plane.pid} does not end`);
    await new Promise((resolve) => void setTimeout(resolve, 50));
  }
}

describe("the local plane", () => {
  it(
    "is one, however many fronts start it at once; a second serve ends with 3; the next call after its death starts another",
    async () => {
      const clients = await Promise.all([connectFront(), connectFront()]);
      expect(existsSync(place.state.root)).toBe(false);
      const answers = await Promise.all(clients.map(listUntilAnswered));
      for (const answer of answers) expect(answer).toMatchObject({ previews: [] });
      const first = await findPlane(place.state.planeFile);
      expect(first).toBeDefined();

      const second = await runCli(place, ["serve", "--json"]);
      expect(second.code).toBe(3);
      expect(JSON.parse(second.stdout).error.code).toBe("plane_already_running");
      expect((await findPlane(place.state.planeFile))?.pid).toBe(first!.pid);

      await endPlane();
      expect(readPlaneFile(place.state.planeFile)?.planeId).not.toBe(first!.planeId);
      await Promise.all(clients.map(listUntilAnswered));
      const next = await findPlane(place.state.planeFile);
      expect(next!.pid).not.toBe(first!.pid);
    },
    bound,
  );
});
