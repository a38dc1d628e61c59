import { expect, test } from "vitest";
import type { DatabaseUnderTest } from "./database-contract.ts";
import { claimed, newLink, ready, registerProject } from "./database-fixture.ts";

const within = { timeout: 1_000, interval: 5 };

export function changeContract(under: DatabaseUnderTest): void {
  test("changes by another plane are told within a second, by preview id", async () => {
    const other = await under.fixture.open();
    const seen: string[] = [];
    other.onPreviewChange((id) => seen.push(id));
    const preview = await claimed(under.db);
    await expect.poll(() => seen, within).toContain(preview.id);
    seen.length = 0;
    await under.db.previews.transition(preview.launchId, { from: ["starting"], to: "crashed" });
    await expect.poll(() => seen, within).toContain(preview.id);
  });

  test("own changes are told as well, and so are those of a preview's links", async () => {
    const preview = await ready(under.db);
    const seen: string[] = [];
    under.db.onPreviewChange((id) => seen.push(id));
    await under.db.links.insert(newLink(preview));
    await expect.poll(() => seen, within).toContain(preview.id);
  });

  test("who has unsubscribed is told nothing more, others go on", async () => {
    const { id } = await registerProject(under.db);
    const [gone, kept]: [string[], string[]] = [[], []];
    const unsubscribe = under.db.onPreviewChange((changed) => gone.push(changed));
    under.db.onPreviewChange((changed) => kept.push(changed));
    unsubscribe();
    unsubscribe();
    await claimed(under.db);
    await expect.poll(() => kept.length, within).toBeGreaterThan(0);
    expect(gone).toEqual([]);
    expect(id).toBeDefined();
  });

  test("a listener that throws does not keep the change from others", async () => {
    const seen: string[] = [];
    under.db.onPreviewChange(() => {
      throw new Error("a broken listener");
    });
    under.db.onPreviewChange((id) => seen.push(id));
    const preview = await claimed(under.db);
    await expect.poll(() => seen, within).toContain(preview.id);
  });
}
