import { expect, describe, test } from "vitest";
import { createGateway } from "../../src/gateway/gateway.ts";
import { sharedPort } from "../../src/plane/shared-port.ts";
import { createFakeFeed } from "./support/fake-feed.ts";
import { closing, requestTo } from "./support/fixture.ts";
import { defaults, mintLink, startGateway } from "./support/harness.ts";
import { connectRaw } from "./support/raw-client.ts";
import { startUpstream } from "./support/scripted-upstream.ts";

const canShare = isAble();
if (!canShare) console.warn(`skipped: Node ${process.versions.node} on ${process.platform} does not share ports`);

function isAble(): boolean {
  try {
    return process.platform === "linux" && sharedPort({ gatewayPort: 1 }, process.versions.node) === 1;
  } catch {
    // it says so by throwing
    return false;
  }
}

describe.skipIf(!canShare)("two gateways on one port", () => {
  test("serve side by side, and one alone when the other drains", async () => {
    const upstream = closing(await startUpstream());
    const link = mintLink(upstream.port);
    const first = closing(await startGateway([link.route], { reusePort: true }));
    const feed = createFakeFeed([link.route]);
    const second = closing(createGateway({ ...defaults(), feed, port: first.port, reusePort: true }));
    await second.listen();
    const ask = async () => {
      const client = await connectRaw(first.port);
      client.write(requestTo(link, "/", "Connection: close"));
      const { status } = await client.response();
      client.close();
      return status;
    };
    const answered = (gateway: Pick<typeof second, "readTraffic">) => gateway.readTraffic().sent > 0;
    await expect.poll(async () => (await ask(), answered(first.gateway) && answered(second))).toBe(true);
    await first.gateway.drain({ deadlineMs: 5_000 });
    for (let time = 0; time < 20; time += 1) expect(await ask()).toBe(200);
  });

  test("are one where either does not say so", async () => {
    const first = closing(await startGateway([], { reusePort: true }));
    const second = createGateway({ ...defaults(), feed: createFakeFeed([]), port: first.port });
    await expect(second.listen()).rejects.toMatchObject({ code: "listen_failed" });
    const alone = closing(await startGateway([]));
    const third = createGateway({ ...defaults(), feed: createFakeFeed([]), port: alone.port, reusePort: true });
    await expect(third.listen()).rejects.toMatchObject({ code: "listen_failed" });
  });
});
