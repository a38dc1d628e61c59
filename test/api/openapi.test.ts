import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { createControlApp } from "../../src/api/control-app.ts";
import { apiKeyList, apiKeyOutput, mintedKeyOutput } from "../../src/api/api-key-schemas.ts";
import { liveness, readinessReport } from "../../src/api/health.ts";
import { projectList } from "../../src/api/project-list.ts";
import { listQuery, logsQuery } from "../../src/api/query-schema.ts";
import { endedSessions, sessionList } from "../../src/api/session-schemas.ts";
import { createClient } from "../../src/client/client.ts";
import {
  listInput,
  listOutput,
  logsInput,
  logsOutput,
  previewOutput,
  projectOutput,
  startInput,
  stopOutput,
} from "../../src/preview/contract.ts";
import { accessPage, eventPage } from "../../src/preview/events/event-contract.ts";
import { checkOutput, screenshotOutput } from "../../src/preview/inspection.ts";
import { linkList, linkOutput, revokedLinks } from "../../src/preview/links/link-contract.ts";
import { fakeLinkId } from "../support/fake-links.ts";
import { authorized, listenControl, token } from "./support/control-listener.ts";

interface Operation {
  operationId: string;
  parameters?: { name: string; in: string; required: boolean }[];
  requestBody?: { required: boolean; content: Record<string, { schema: { $ref: string } }> };
  responses: Record<string, { content: Record<string, unknown> }>;
  security?: unknown[];
}
interface Description {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, { required?: string[]; properties: object; additionalProperties?: boolean }> };
}

let control: Awaited<ReturnType<typeof listenControl>>;
let description: Description;
beforeAll(async () => {
  control = await listenControl();
  description = (await (await fetch(`${control.url}/v1/openapi.json`, { headers: authorized })).json()) as Description;
});
afterAll(() => control.close());

const operations = () =>
  Object.entries(description.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  );

/** Every route that is served and not a middleware, with its OpenAPI spelling. */
function served(app: ReturnType<typeof createControlApp>): string[] {
  const routes = app.routes.filter(({ method }) => method !== "ALL");
  return [...new Set(routes.map(({ method, path }) => `${method} ${path.replaceAll(/:([a-z]+)/g, "{$1}")}`))].sort();
}

describe("the OpenAPI description", () => {
  it("is OpenAPI 3.1 and lists exactly the routes that are served", () => {
    expect(description.openapi).toBe("3.1.0");
    expect(
      operations()
        .map(({ method, path }) => `${method} ${path}`)
        .sort(),
    ).toEqual(served(control.app));
    expect(served(control.app)).toEqual([
      "DELETE /v1/keys/{id}",
      "DELETE /v1/links",
      "DELETE /v1/links/{id}",
      "DELETE /v1/projects/{slug}",
      "DELETE /v1/sessions",
      "GET /healthz",
      "GET /readyz",
      "GET /v1/accesses",
      "GET /v1/events",
      "GET /v1/keys",
      "GET /v1/links",
      "GET /v1/openapi.json",
      "GET /v1/previews",
      "GET /v1/previews/{name}",
      "GET /v1/previews/{name}/logs",
      "GET /v1/projects",
      "GET /v1/projects/{slug}",
      "GET /v1/sessions",
      "POST /v1/checks",
      "POST /v1/keys",
      "POST /v1/keys/{id}/rotations",
      "POST /v1/links",
      "POST /v1/links/{id}/rotations",
      "POST /v1/previews",
      "POST /v1/screenshots",
      "POST /v1/stops",
      "PUT /v1/projects/{slug}",
    ]);
  });

  it("answers nothing but not_found for a path that it does not list", async () => {
    for (const path of ["/", "/v1", "/v2/previews", "/v1/previews/a/b/c"])
      expect((await fetch(control.url + path, { headers: authorized })).status).toBe(404);
  });

  it("names every operation once and asks for the bearer everywhere but in health", () => {
    const ids = operations().map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    const open = operations().filter(({ operation }) => operation.security?.length === 0);
    expect(open.map(({ path }) => path)).toEqual(["/healthz", "/readyz"]);
    expect(description).toMatchObject({ security: [{ bearer: [] }] });
  });

  it("takes a field with a default for optional and refuses unknown ones", () => {
    const schema = description.components.schemas["StartInput"]!;
    expect(schema.required ?? []).toEqual([]);
    expect(schema.additionalProperties).toBe(false);
    expect(Object.keys(schema.properties)).toEqual(Object.keys(startInput.shape));
  });

  it("describes the query of list and logs by the contract's fields", () => {
    expect(Object.keys(listQuery.shape)).toEqual(Object.keys(listInput.shape));
    expect([...Object.keys(logsQuery.shape), "name"].sort()).toEqual(Object.keys(logsInput.shape).sort());
    const logs = description.paths["/v1/previews/{name}/logs"]!["get"]!;
    expect(
      logs.parameters!.filter((parameter) => parameter.in === "query").map(({ name, required }) => [name, required]),
    ).toEqual(Object.keys(logsQuery.shape).map((name) => [name, false]));
  });

  it("describes the streamed answer of start and links", () => {
    for (const path of ["/v1/previews", "/v1/links"])
      expect(Object.keys(description.paths[path]!["post"]!.responses["200"]!.content)).toEqual([
        "application/json",
        "application/x-ndjson",
      ]);
  });

  it("holds what every route answers", async () => {
    const body = (value: unknown) => ({ method: "POST", body: JSON.stringify(value) });
    const { id } = await createClient({ url: control.url, token }).keys.create({ label: "k", scopes: ["admin"] });
    const exchanges = [
      [
        "PUT /v1/projects/{slug}",
        "/v1/projects/shop",
        { ...body({ workspaceRoot: "/w" }), method: "PUT" },
        projectOutput,
      ],
      ["GET /v1/projects/{slug}", "/v1/projects/shop", {}, projectOutput],
      ["GET /v1/projects", "/v1/projects", {}, projectList],
      ["POST /v1/previews", "/v1/previews", body({}), previewOutput],
      ["GET /v1/previews", "/v1/previews", {}, listOutput],
      ["GET /v1/previews/{name}", "/v1/previews/web", {}, previewOutput],
      ["GET /v1/previews/{name}/logs", "/v1/previews/web/logs", {}, logsOutput],
      ["POST /v1/links", "/v1/links", body({}), previewOutput],
      ["GET /v1/links", "/v1/links?name=web", {}, linkList],
      ["POST /v1/links/{id}/rotations", `/v1/links/${fakeLinkId}/rotations`, body({}), linkOutput],
      ["DELETE /v1/links/{id}", `/v1/links/${fakeLinkId}`, { method: "DELETE" }, revokedLinks],
      ["DELETE /v1/links", "/v1/links", { method: "DELETE" }, revokedLinks],
      ["GET /v1/sessions", "/v1/sessions?user=ada", {}, sessionList],
      ["DELETE /v1/sessions", "/v1/sessions", { method: "DELETE" }, endedSessions],
      ["POST /v1/checks", "/v1/checks", body({}), checkOutput],
      ["POST /v1/screenshots", "/v1/screenshots", body({}), screenshotOutput],
      ["POST /v1/stops", "/v1/stops", body({}), stopOutput],
      ["DELETE /v1/projects/{slug}", "/v1/projects/shop", { method: "DELETE" }, projectOutput],
      ["POST /v1/keys", "/v1/keys", body({ label: "k", scopes: ["admin"] }), mintedKeyOutput],
      ["GET /v1/keys", "/v1/keys", {}, apiKeyList],
      ["POST /v1/keys/{id}/rotations", `/v1/keys/${id}/rotations`, body({}), mintedKeyOutput],
      ["DELETE /v1/keys/{id}", `/v1/keys/${id}`, { method: "DELETE" }, apiKeyOutput],
      ["GET /v1/events", "/v1/events?limit=5", {}, eventPage],
      ["GET /v1/accesses", "/v1/accesses?after=3", {}, accessPage],
      ["GET /healthz", "/healthz", {}, liveness],
      ["GET /readyz", "/readyz", {}, readinessReport],
    ] as const;
    for (const [, path, init, schema] of exchanges) {
      const answer = await fetch(control.url + path, {
        ...init,
        headers: { ...authorized, "content-type": "application/json" },
      });
      expect([path, answer.status]).toEqual([path, 200]);
      schema.parse(await answer.json());
    }
    expect([...exchanges.map(([route]) => route), "GET /v1/openapi.json"].sort()).toEqual(served(control.app));
  });
});
