import { describe, expect, test } from "vitest";
import type { Claimant, PreviewLimits } from "../../src/preview/limits.ts";
import type { DatabaseUnderTest } from "./database-contract.ts";
import { newPreview, stop } from "./database-fixture.ts";

const ada = (limits: PreviewLimits, more: Partial<Claimant> = {}): Claimant => ({ user: "ada", limits, ...more });

export function limitContract(under: DatabaseUnderTest): void {
  const project = async (slug: string, org = "local") =>
    (await under.db.projects.put({ org, slug, sandboxDriver: "local", workspaceRoot: `/work/${slug}` }))!;
  let names = 0;
  const claim = (projectId: string, claimant?: Claimant) =>
    under.db.previews.claim(newPreview(projectId, { name: `p${(names += 1)}` }), claimant);

  test.each<[keyof PreviewLimits, string]>([
    ["session", "live previews of this session"],
    ["user", "live previews of one user"],
    ["project", "live previews of one project"],
    ["org", "live previews of one org"],
    ["plane", "live previews of this plane"],
  ])(
    "at the limit of a %s the last one is allowed, the next one refused, and a stop frees a place",
    async (limit, words) => {
      const { id } = await project("shop");
      const claimant = ada({ [limit]: 2 }, { session: "s1" });
      const first = await claim(id, claimant);
      await claim(id, claimant);
      await expect(claim(id, claimant)).rejects.toMatchObject({
        code: "limit_reached",
        message: `the limit of 2 ${words} is reached`,
      });
      await stop(under.db, first!);
      expect(await claim(id, claimant)).toBeDefined();
    },
  );

  describe("who is counted together", () => {
    test.each<[keyof PreviewLimits, Partial<Claimant>, string, string]>([
      ["session", { session: "s2" }, "shop", "local"],
      ["user", { user: "bob" }, "shop", "local"],
      ["user", {}, "theirs", "acme"],
      ["project", {}, "blog", "local"],
      ["org", {}, "theirs", "acme"],
    ])("another %s has a place of its own (%j, %s of %s)", async (limit, other, slug, org) => {
      const { id } = await project("shop");
      const elsewhere = await project(slug, org);
      await claim(id, ada({ [limit]: 1 }, { session: "s1" }));
      await expect(claim(id, ada({ [limit]: 1 }, { session: "s1" }))).rejects.toMatchObject({ code: "limit_reached" });
      expect(await claim(elsewhere.id, ada({ [limit]: 1 }, { session: "s1", ...other }))).toBeDefined();
    });

    test("callers that name no session are not one session", async () => {
      const { id } = await project("shop");
      for (const _ of [1, 2, 3]) expect(await claim(id, ada({ session: 1 }))).toBeDefined();
    });

    test("attached servers take no place", async () => {
      const { id } = await project("shop");
      await under.db.previews.claim(newPreview(id, { name: "seen", attached: true }));
      expect(await claim(id, ada({ project: 1 }))).toBeDefined();
    });
  });

  test("starts of one user in a minute are counted, also of previews that ended", async () => {
    const { id } = await project("shop");
    for (const _ of [1, 2]) await stop(under.db, (await claim(id, ada({ startsPerMinute: 2 })))!);
    await expect(claim(id, ada({ startsPerMinute: 2 }))).rejects.toMatchObject({
      code: "limit_reached",
      hint: expect.stringContaining("Wait a minute") as string,
    });
    expect(await claim(id, { ...ada({ startsPerMinute: 2 }), user: "bob" })).toBeDefined();
  });

  test("a refused start counts for nothing", async () => {
    const { id } = await project("shop");
    const limits = { project: 1, startsPerMinute: 2 };
    const first = await claim(id, ada(limits));
    for (const _ of [1, 2, 3]) await expect(claim(id, ada(limits))).rejects.toMatchObject({ code: "limit_reached" });
    await stop(under.db, first!);
    expect(await claim(id, ada(limits))).toBeDefined();
  });

  test("of twenty that race for five places, five get one", async () => {
    const { id } = await project("shop");
    const other = await under.fixture.open();
    const claims = await Promise.allSettled(
      Array.from({ length: 20 }, (_, index) => {
        const db = index % 2 === 0 ? under.db : other;
        return db.previews.claim(newPreview(id, { name: `race-${index}` }), ada({ org: 5 }));
      }),
    );
    expect(claims.filter(({ status }) => status === "fulfilled")).toHaveLength(5);
  });
}
