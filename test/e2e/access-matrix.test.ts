import { mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { callAs, toolCall } from "./support/tenants/door.ts";
import type { Told } from "./support/tenants/door.ts";
import { principalsOf } from "./support/tenants/principals.ts";
import type { Principal } from "./support/tenants/principals.ts";
import { expectedOf, ok, reaches, routeOf, routeRows, toolRows, unlistedRows } from "./support/tenants/rows.ts";
import type { Row, Target, ToolRow, World } from "./support/tenants/rows.ts";
import { openTenants, orgOf, slugs } from "./support/tenants/tenants.ts";
import type { Org, Slug, Tenants } from "./support/tenants/tenants.ts";

const rowsFile = "test/e2e/support/tenants/rows.ts";
const nothing: Target = { name: "nothing" };

let tenants: Tenants;
let principals: readonly Principal[];
let world: World;
beforeAll(async () => {
  tenants = await openTenants();
  principals = await principalsOf(tenants);
  const spare = async (org: "acme" | "globex") =>
    (await tenants.clientOf(org).keys.create({ label: "spare", scopes: ["preview:read"] })).id;
  const links = {} as Record<Slug, string>;
  for (const slug of slugs) links[slug] = (await tenants.clientOf(orgOf(slug)!, slug).links.list())[0]!.id;
  world = { tenants, spareKeys: { acme: await spare("acme"), globex: await spare("globex") }, links };
});
afterAll(() => tenants.close());

const ask = (principal: Principal, row: Row, target: Target) =>
  callAs(tenants.plane.controlUrl, principal, row.call(target));
const named = (title: string) => principals.find((principal) => principal.title === title)!;

/** All that an answer tells, but for the name that was sent. */
function shapeOf({ status, headers, body }: Told, { name }: Target) {
  const { date: _date, "content-length": length, ...told } = headers;
  // the cursor of a record grows meanwhile, and now and then by a digit
  const cursor = /"cursor":\d+/;
  return {
    status,
    told: { ...told, ...(!cursor.test(body) && { length }) },
    body: body.replaceAll(name, "…").replace(cursor, '"cursor":0'),
  };
}

/** Everybody at every target; what differs from the expectations, in words. */
async function surprisesOf(row: Row): Promise<string[]> {
  const surprises: string[] = [];
  const targets = row.targets?.(world) ?? [nothing];
  for (const principal of principals) {
    const refused: Refused[] = [];
    for (const target of targets) {
      const told = await ask(principal, row, target);
      const wanted = expectedOf(row, principal.rights, target);
      if (told.status !== wanted.status || told.code !== wanted.code)
        surprises.push(
          `${principal.title} at ${target.name}: ${told.status} ${told.code}, not ${wanted.status} ${wanted.code}`,
        );
      if (!mayReach(principal, row, target)) refused.push({ target, shape: shapeOf(told, target) });
      await undo(principal, told);
    }
    surprises.push(...tellingOf(refused).map((telling) => `${principal.title} can tell ${telling}`));
  }
  return surprises;
}

interface Refused {
  readonly target: Target;
  readonly shape: ReturnType<typeof shapeOf>;
}

/** Whatever is answered in another way than what is not there. */
function tellingOf(refused: readonly Refused[]): string[] {
  return refused.flatMap(({ target, shape }) => {
    const absent = refused.findLast((other) => isAbsentFor(other.target, target))?.shape;
    if (absent === undefined || JSON.stringify(absent) === JSON.stringify(shape)) return [];
    return [`${target.name} from what is not there: ${JSON.stringify([shape, absent])}`];
  });
}

function isAbsentFor(absent: Target, { name }: Target): boolean {
  return absent.org === undefined && absent.name.length === name.length;
}

/** The operator reaches every folder of the host, and is told what lies there. */
function mayReach({ rights }: Principal, row: Row, target: Target): boolean {
  return rights !== undefined && (rights.scope === "operator" || reaches(row, rights, target));
}

/** A project that was registered goes again, so that the next one finds none. */
async function undo(principal: Principal, { status, body }: Told): Promise<void> {
  if (status === 200 && body.includes('"slug":"new"'))
    await callAs(tenants.plane.controlUrl, principal, { method: "DELETE", path: "/v1/projects/new" });
}

/**
 * The statements of a call, by what they are: of several rounds the shortest, because now and then the
 * plane asks something of its own account, or reads a key anew.
 */
async function statementsOf(principal: Principal, row: Row, target: Target): Promise<string[]> {
  let fewest: string[] | undefined;
  for (let round = 0; round < 4; round += 1) {
    const all = await tenants.statements.during(() => ask(principal, row, target));
    if (fewest === undefined || all.length < fewest.length) fewest = all;
  }
  return fewest ?? [];
}

async function asksAlike(row: Row): Promise<void> {
  const targets = row.targets?.(world) ?? [];
  for (const title of ["an admin's key of acme", "an admin's key bound to a1", "ada's token for acme with admin"]) {
    const principal = named(title);
    for (const target of targets) {
      const absent = targets.findLast((each) => isAbsentFor(each, target));
      if (absent === undefined || absent === target || mayReach(principal, row, target)) continue;
      expect(await statementsOf(principal, row, target), `${title} at ${target.name}`).toEqual(
        await statementsOf(principal, row, absent),
      );
    }
  }
}

const cases = (rows: Readonly<Record<string, Row>>) => Object.entries(rows).map(([title, row]) => ({ title, row }));

describe("over /v1,", () => {
  it("every route of the OpenAPI document has its row", async () => {
    const operator = named("the plane's own token");
    const { body } = await callAs(tenants.plane.controlUrl, operator, { method: "GET", path: "/v1/openapi.json" });
    const { paths } = JSON.parse(body) as { paths: Record<string, object> };
    const served = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const rows = new Set(Object.keys(routeRows).map(routeOf));
    const without = served.filter((route) => !rows.has(route));
    expect(without, `each of these needs a row in ${rowsFile}: who may call it, and what everybody else gets`).toEqual(
      [],
    );
    expect(
      [...rows].filter((route) => !served.includes(route)),
      `rows of ${rowsFile} without a route`,
    ).toEqual([]);
  });

  it.each(cases({ ...routeRows, ...unlistedRows }))(
    "$title answers everybody as they may be answered",
    async ({ row }) => {
      expect(await surprisesOf(row)).toEqual([]);
    },
  );

  it.each(cases(routeRows).filter(({ row }) => row.targets !== undefined))(
    "$title asks the database the same for what is another's and what is not there",
    ({ row }) => asksAlike(row),
  );

  it("lists of projects and keys hold the caller's own alone", async () => {
    for (const { title, authorization, rights } of principals) {
      if (rights?.scope === undefined) continue;
      const caller = { title, authorization: authorization! };
      const list = async (path: string) =>
        JSON.parse((await callAs(tenants.plane.controlUrl, caller, { method: "GET", path })).body) as {
          projects?: { slug: string; org: string }[];
          keys?: { org: string }[];
        };
      const mine = slugs.filter((slug) => orgOf(slug) === rights.org && rights.projects?.includes(slug) !== false);
      expect(
        (await list("/v1/projects")).projects?.map(({ slug }) => slug),
        title,
      ).toEqual(mine);
      const { keys = [] } = await list("/v1/keys");
      expect(
        keys.filter(({ org }) => org !== rights.org),
        title,
      ).toEqual([]);
    }
  });
});

describe("over /mcp,", () => {
  const rowOf = (name: string, { needs, args, owner = "ok" }: ToolRow): Row => ({
    needs,
    targets: routeRows["GET /v1/previews"]!.targets!,
    call: (target) => toolCall(name, target.name, args),
    owner: { ...ok, code: owner },
    stranger: { ...ok, code: "project_not_found" },
  });
  const tools = Object.entries(toolRows).map(([title, row]) => ({ title, row: rowOf(title, row) }));

  it("every tool has its row", async () => {
    const list = { method: "POST", path: "/mcp", body: { jsonrpc: "2.0", id: 1, method: "tools/list" } };
    const { body } = await callAs(tenants.plane.controlUrl, named("the plane's own token"), list);
    const listed = [...body.matchAll(/"name":"(dev_preview_\w+)"/g)].map(([, name]) => name!);
    expect(Object.keys(toolRows).toSorted(), `a tool without a row (or a row without a tool) in ${rowsFile}`).toEqual(
      [...new Set(listed)].toSorted(),
    );
  });

  it.each(tools)("$title answers everybody as they may be answered", async ({ row }) => {
    expect(await surprisesOf(row)).toEqual([]);
  });

  it.each(tools)("$title asks the database the same for what is another's and what is not there", ({ row }) =>
    asksAlike(row),
  );
});

describe("a project's registration", () => {
  const register = (org: Org, slug: string, workspaceRoot: string) =>
    tenants.clientOf(org).projects.put(slug, { workspaceRoot });

  it("by an org's key stays in the org's own folder, whatever the path says", async () => {
    const { folder } = tenants;
    const foreign = join(folder, "globex", "b1");
    await mkdir(join(folder, "acmes", "app"), { recursive: true });
    await symlink(foreign, join(folder, "acme", "a1", "link"));
    await symlink("..", join(folder, "acme", "a1", "up"));
    for (const path of [
      foreign,
      join(folder, "acme"),
      `${folder}/acme/../globex/b1`,
      `${folder}/acme/a1/../../globex/b1`,
      `${folder}/acme/a1/link`,
      `${folder}/acme/a1/up`,
      `${folder}/acme/a1/up/../globex/b1`,
      `${folder}/acmes/app`,
      `${folder}/acme\0/../globex/b1`,
      folder,
      "/",
    ])
      await expect(register("acme", "new", path), path).rejects.toMatchObject({ code: "forbidden" });
    expect(await register("acme", "new", `${folder}/acme/a1/up/a1`)).toMatchObject({
      workspaceRoot: join(folder, "acme", "a1"),
    });
    await tenants.clientOf("acme").projects.remove("new");
  });

  it("under a slug that another org has is refused, and nothing is told but that it is taken", async () => {
    const refusal = await register("acme", "b1", join(tenants.folder, "acme", "a1")).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: "project_conflict" });
    expect(JSON.stringify(refusal)).not.toContain("globex");
    expect(await tenants.clientOf("globex").projects.get("b1")).toMatchObject({
      workspaceRoot: join(tenants.folder, "globex", "b1"),
    });
  });

  it("by a token whose org is the name of a path finds no folder", async () => {
    for (const org of ["..", ".", "acme/../globex", "globex/."]) {
      const authorization = `Bearer ${await tenants.issuer.sign({ org, scope: "admin" })}`;
      const body = { workspaceRoot: join(tenants.folder, "globex", "b1") };
      const call = { method: "PUT", path: "/v1/projects/new", body };
      expect(await callAs(tenants.plane.controlUrl, { title: org, authorization }, call), org).toMatchObject({
        code: "forbidden",
      });
    }
  });
});
