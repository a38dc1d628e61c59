import { expect, test } from "vitest";
import type { NewAccess } from "../../src/preview/events/event-store.ts";
import type { LinkRecord } from "../../src/preview/record.ts";
import type { DatabaseUnderTest } from "./database-contract.ts";
import { hour, newLink, ready } from "./database-fixture.ts";

const day = 24 * hour;
const org = { org: "acme", orgWide: true };
const noon = new Date(Date.UTC(2030, 1, 1, 12));

export function accessContract(under: DatabaseUnderTest): void {
  const read = () => under.db.accesses.after(org, 0, 100);

  async function linked(): Promise<{ link: LinkRecord; access: (fields?: Partial<NewAccess>) => NewAccess }> {
    const preview = await ready(under.db);
    const link = (await under.db.links.insert(newLink(preview)))!;
    return { link, access: (fields) => ({ linkId: link.id, kind: "visitor", visitor: "v1", hour: noon, ...fields }) };
  }

  test("a visitor of a link is on record once for each hour, whichever gateways it came through", async () => {
    const { link, access } = await linked();
    const other = await under.fixture.open();
    await Promise.all([under.db, other, under.db, other].map(({ accesses }) => accesses.record([access(), access()])));
    const later = new Date(noon.getTime() + hour);
    await under.db.accesses.record([
      access({ hour: later }),
      access({ visitor: "v2", kind: "member", userName: "ada" }),
    ]);
    const all = await read();
    expect(all.map(({ visitor, hour: at }) => [visitor, at])).toEqual(
      expect.arrayContaining([
        ["v1", noon],
        ["v1", later],
        ["v2", noon],
      ]),
    );
    expect(all).toHaveLength(3);
    expect(all[0]).toMatchObject({ org: "acme", project: "demo", previewId: link.previewId, linkId: link.id });
    expect(all.find(({ visitor }) => visitor === "v2")).toMatchObject({ kind: "member", userName: "ada" });
  });

  test("a link that is gone leaves none, and does not keep others from theirs", async () => {
    const { access } = await linked();
    await under.db.accesses.record([access({ linkId: "ffffffffffffffff" }), access()]);
    expect(await read()).toHaveLength(1);
  });

  test("accesses are read by org and project, page by page", async () => {
    const { access } = await linked();
    await under.db.accesses.record(["v1", "v2", "v3"].map((visitor) => access({ visitor })));
    const [first, ...rest] = await read();
    expect(await under.db.accesses.after(org, first!.id, 1)).toEqual([rest[0]]);
    expect(await under.db.accesses.newest(org, 2)).toEqual(rest);
    expect(await under.db.accesses.after({ ...org, projects: ["other"] }, 0, 10)).toEqual([]);
    expect(await under.db.accesses.after({ ...org, projects: ["demo"], orgWide: false }, 0, 10)).toHaveLength(3);
    expect(await under.db.accesses.after({ org: "rival", orgWide: true }, 0, 10)).toEqual([]);
  });

  test("accesses are neither changed nor deleted, but by the retention", async () => {
    const { access } = await linked();
    await under.db.accesses.record([access(), access({ visitor: "v2" })]);
    const { admin } = under.fixture;
    await expect(admin`update dev_preview.accesses set visitor = ''`).rejects.toThrow("only grows");
    await expect(admin`delete from dev_preview.accesses`).rejects.toThrow("only grows");
    await admin`alter table dev_preview.accesses disable trigger accesses_keep`;
    await admin`update dev_preview.accesses set at = now() - interval '3 days' where visitor = 'v1'`;
    await admin`alter table dev_preview.accesses enable trigger accesses_keep`;
    expect(await under.db.accesses.sweep(new Date(Date.now() - 2 * day))).toBe(1);
    expect(await read()).toMatchObject([{ visitor: "v2" }]);
  });
}
