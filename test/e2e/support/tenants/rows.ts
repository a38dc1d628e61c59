import { join } from "node:path";
import { grants } from "../../../../src/scopes.ts";
import type { Scope } from "../../../../src/scopes.ts";
import type { Call } from "./door.ts";
import type { Rights } from "./principals.ts";
import { absentSlug, orgOf, slugs } from "./tenants.ts";
import type { Org, Slug, Tenants } from "./tenants.ts";

/** What a call is about: somebody's, or nobody's. */
export interface Target {
  /** As it is sent. Somebody's and nobody's have names of one length, so that answers can be compared whole. */
  readonly name: string;
  /** Absent: there is no such thing. */
  readonly org?: Org | undefined;
}

export interface Answer {
  readonly status: number;
  readonly code: string;
}

/** One line of the expectations: who gets what from a route or a tool. */
export interface Row {
  /** Who has less gets 403, before anything is looked up. Absent: everybody who is somebody may. */
  readonly needs?: Scope;
  /** Answers everybody. */
  readonly isPublic?: boolean;
  /** Refuses with 403 who is bound to projects. */
  readonly ofWholeOrg?: boolean;
  /** Default: nothing in particular. */
  readonly targets?: (world: World) => readonly Target[];
  readonly call: (target: Target) => Call;
  /** What who may reach the target gets; default: 200. */
  readonly owner?: Answer;
  /** What everybody else gets, the same as where there is nothing; default: 404 `project_not_found`. */
  readonly stranger?: Answer;
  /** Where it is not that simple. */
  readonly expected?: (rights: Rights, target: Target) => Answer | undefined;
}

/** What targets are made of. */
export interface World {
  readonly tenants: Tenants;
  /** A key of each org that nobody uses. */
  readonly spareKeys: Readonly<Record<Org, string>>;
  /** Id of a live link in each project. */
  readonly links: Readonly<Record<Slug, string>>;
}

export const ok: Answer = { status: 200, code: "ok" };
const noProject: Answer = { status: 404, code: "project_not_found" };
const noPreview: Answer = { status: 404, code: "preview_not_found" };
const noLink: Answer = { status: 404, code: "link_not_found" };
const absentLink = "feedfeedfeedfeed";
const noKey: Answer = { status: 404, code: "key_not_found" };

/** What the row promises to somebody; `undefined` are the rights of who proves nothing. */
export function expectedOf(row: Row, rights: Rights | undefined, target: Target): Answer {
  const { needs, owner = ok, stranger = noProject } = row;
  if (row.isPublic === true) return owner;
  if (rights === undefined) return { status: 401, code: "unauthenticated" };
  const held = rights.scope === undefined ? [] : [rights.scope];
  const isTooNarrow = row.ofWholeOrg === true && rights.projects !== undefined;
  if (isTooNarrow || (needs !== undefined && !grants(held, needs))) return { status: 403, code: "insufficient_scope" };
  return row.expected?.(rights, target) ?? (reaches(row, rights, target) ? owner : stranger);
}

export function reaches(row: Row, { org, projects }: Rights, target: Target): boolean {
  if (row.targets === undefined) return true;
  if (target.org !== org) return false;
  return projects === undefined || row.ofWholeOrg === true || projects.some((slug) => slug === target.name);
}

const projects = (): Target[] => [...slugs, absentSlug].map((name) => ({ name, org: orgOf(name as never) }));

const keys = ({ spareKeys }: World): Target[] => [
  { name: spareKeys.acme, org: "acme" },
  { name: spareKeys.globex, org: "globex" },
  { name: "0123456789abcdef" },
];

const folders = ({ tenants: { folder } }: World): Target[] => [
  { name: join(folder, "globex", "b1"), org: "globex" },
  { name: join(folder, "globex", absentSlug) },
  { name: join(folder, "acme", "a1"), org: "acme" },
  { name: join(folder, "acme", absentSlug) },
];

const inProject = (method: string, path: string, body?: object): Pick<Row, "targets" | "call"> => ({
  targets: projects,
  call: ({ name }) => ({ method, path, slug: name, ...(body && { body }) }),
});

/** A record of a project; of one that is not the caller's it is empty, as of one that is not there. */
const recordOf = (path: string): Pick<Row, "targets" | "call"> => ({
  targets: projects,
  call: ({ name }) => ({ method: "GET", path, slug: name, accept: "application/json" }),
});

/** What is asked for in project a1, and belongs to another one: of another org, of the same one, of none. */
function fromA1(method: string, pathOf: (id: string) => string, body?: object): Omit<Row, "needs"> {
  return {
    targets: ({ links }) => [{ name: links.b1 }, { name: links.a2 }, { name: absentLink }],
    call: ({ name }) => ({ method, path: pathOf(name), slug: "a1", ...(body && { body }) }),
    expected: ({ org, projects: bound }) => (org === "acme" && bound?.includes("a1") !== false ? noLink : noProject),
  };
}

const reads = { needs: "preview:read" } as const;
const writes = { needs: "preview:write" } as const;
const administers = { needs: "admin" } as const;
const administersKeys = { ...administers, ofWholeOrg: true, stranger: noKey } as const;
const simple = (method: string, path: string, body?: object): Pick<Row, "call"> => ({
  call: () => ({ method, path, ...(body && { body }) }),
});

/**
 * Every route of /v1 by method and path, as the OpenAPI document spells them; what stands in brackets
 * tells several rows of one route apart. What a call does must be harmless, however often it is allowed.
 */
export const routeRows: Readonly<Record<string, Row>> = {
  "GET /healthz": { isPublic: true, ...simple("GET", "/healthz") },
  "GET /readyz": { isPublic: true, ...simple("GET", "/readyz") },
  "GET /.well-known/oauth-protected-resource": {
    isPublic: true,
    ...simple("GET", "/.well-known/oauth-protected-resource"),
  },
  "GET /.well-known/oauth-protected-resource/mcp": {
    isPublic: true,
    ...simple("GET", "/.well-known/oauth-protected-resource/mcp"),
  },
  "GET /v1/openapi.json": simple("GET", "/v1/openapi.json"),

  "POST /v1/previews": { ...writes, ...inProject("POST", "/v1/previews", { waitSeconds: 0 }) },
  "GET /v1/previews": { ...reads, ...inProject("GET", "/v1/previews") },
  "GET /v1/previews/{name}": { ...reads, ...inProject("GET", "/v1/previews/web") },
  "GET /v1/previews/{name}/logs": { ...reads, ...inProject("GET", "/v1/previews/web/logs") },
  "POST /v1/links": { ...writes, ...inProject("POST", "/v1/links", {}) },
  "GET /v1/links": { ...reads, ...inProject("GET", "/v1/links") },
  // of links that are not there: live ones would end
  "DELETE /v1/links": { ...writes, ...inProject("DELETE", "/v1/links?name=none"), owner: noPreview },
  "DELETE /v1/links/{id}": { ...writes, ...inProject("DELETE", `/v1/links/${absentLink}`), owner: noLink },
  "POST /v1/links/{id}/rotations": {
    ...writes,
    ...inProject("POST", `/v1/links/${absentLink}/rotations`, {}),
    owner: noLink,
  },
  "DELETE /v1/links/{id} (of another project's link)": {
    ...writes,
    ...fromA1("DELETE", (id) => `/v1/links/${id}`),
  },
  "POST /v1/links/{id}/rotations (of another project's link)": {
    ...writes,
    ...fromA1("POST", (id) => `/v1/links/${id}/rotations`, {}),
  },
  "POST /v1/stops": { ...writes, ...inProject("POST", "/v1/stops", { name: "none" }) },
  // of a preview that there is, they would start a browser
  "POST /v1/checks": {
    ...writes,
    ...inProject("POST", "/v1/checks", { name: "none" }),
    owner: { status: 404, code: "preview_not_found" },
  },
  "POST /v1/screenshots": {
    ...writes,
    ...inProject("POST", "/v1/screenshots", { name: "none" }),
    owner: { status: 404, code: "preview_not_found" },
  },

  "GET /v1/sessions": { ...administers, ofWholeOrg: true, ...simple("GET", "/v1/sessions") },
  "DELETE /v1/sessions": { ...administers, ofWholeOrg: true, ...simple("DELETE", "/v1/sessions") },
  // as a stream it would not end
  "GET /v1/events": { ...reads, ...recordOf("/v1/events"), stranger: ok },
  "GET /v1/accesses": { ...reads, ...recordOf("/v1/accesses"), stranger: ok },
  "GET /v1/events (of another org)": {
    needs: "operator",
    call: () => ({ method: "GET", path: "/v1/events?org=initech", accept: "application/json" }),
  },
  "GET /v1/accesses (of another org)": { needs: "operator", ...simple("GET", "/v1/accesses?org=initech") },
  "GET /v1/projects": { ...reads, ...simple("GET", "/v1/projects") },
  "GET /v1/projects/{slug}": {
    ...reads,
    targets: projects,
    call: ({ name }) => ({ method: "GET", path: `/v1/projects/${name}` }),
  },
  "DELETE /v1/projects/{slug}": {
    ...administers,
    targets: projects,
    call: ({ name }) => ({ method: "DELETE", path: `/v1/projects/${name}` }),
    // its preview is live
    owner: { status: 409, code: "project_conflict" },
  },
  "PUT /v1/projects/{slug}": {
    ...administers,
    targets: folders,
    call: ({ name }) => ({ method: "PUT", path: "/v1/projects/new", body: { workspaceRoot: name } }),
    stranger: { status: 403, code: "forbidden" },
    expected({ scope, projects: bound }, { org }) {
      if (scope === "operator") return org === undefined ? { status: 400, code: "invalid_input" } : ok;
      return bound === undefined ? undefined : noProject;
    },
  },

  "POST /v1/keys": {
    ...administersKeys,
    ...simple("POST", "/v1/keys", { label: "made by the matrix", scopes: ["preview:read"] }),
  },
  "POST /v1/keys (in another org)": {
    needs: "operator",
    ofWholeOrg: true,
    ...simple("POST", "/v1/keys", { label: "made by the matrix", scopes: ["preview:read"], org: "initech" }),
  },
  "GET /v1/keys": { ...administersKeys, ...simple("GET", "/v1/keys") },
  "GET /v1/keys (of another org)": {
    needs: "operator",
    ofWholeOrg: true,
    ...simple("GET", "/v1/keys?org=initech"),
  },
  "POST /v1/keys/{id}/rotations": {
    ...administersKeys,
    targets: keys,
    call: ({ name }) => ({ method: "POST", path: `/v1/keys/${name}/rotations`, body: {} }),
  },
  "POST /v1/keys/{id}/rotations (in another org)": {
    needs: "operator",
    ofWholeOrg: true,
    stranger: noKey,
    ...simple("POST", "/v1/keys/0123456789abcdef/rotations", { org: "initech" }),
    owner: noKey,
  },
  // behind the rotation, which a revoked key has no more
  "DELETE /v1/keys/{id}": {
    ...administersKeys,
    targets: keys,
    call: ({ name }) => ({ method: "DELETE", path: `/v1/keys/${name}` }),
  },
  "DELETE /v1/keys/{id} (of another org)": {
    needs: "operator",
    ofWholeOrg: true,
    ...simple("DELETE", "/v1/keys/0123456789abcdef?org=initech"),
    owner: noKey,
  },
};

/** What no document lists: nothing is told of it to who proves nothing. */
export const unlistedRows: Readonly<Record<string, Row>> = {
  "GET /mcp": { ...simple("GET", "/mcp"), owner: { status: 405, code: "Method not allowed." } },
  "DELETE /mcp": { ...simple("DELETE", "/mcp"), owner: { status: 405, code: "Method not allowed." } },
  "POST /mcp (tools/list)": simple("POST", "/mcp", { jsonrpc: "2.0", id: 1, method: "tools/list" }),
  "GET /v1/nothing": { ...simple("GET", "/v1/nothing"), owner: { status: 404, code: "not_found" } },
  "PATCH /v1/previews": { ...simple("PATCH", "/v1/previews"), owner: { status: 404, code: "not_found" } },
};

/** A tool, with arguments that are harmless however often the call is allowed. */
export interface ToolRow {
  readonly needs: Scope;
  readonly args: object;
  /** `ok`, or the code that who may call gets. */
  readonly owner?: string;
}

/** Every tool that `tools/list` names. */
export const toolRows: Readonly<Record<string, ToolRow>> = {
  dev_preview_start: { ...writes, args: { waitSeconds: 0 } },
  dev_preview_url: { ...writes, args: {} },
  dev_preview_stop: { ...writes, args: { name: "none" } },
  dev_preview_list: { ...reads, args: {} },
  dev_preview_logs: { ...reads, args: {} },
  dev_preview_check: { ...writes, args: { name: "none" }, owner: "preview_not_found" },
  dev_preview_screenshot: { ...writes, args: { name: "none" }, owner: "preview_not_found" },
};

/** The route in the OpenAPI document that a row is about. */
export function routeOf(row: string): string {
  return row.replace(/ \(.*\)$/, "");
}
