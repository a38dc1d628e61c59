import { createRoute } from "@hono/zod-openapi";
import type { OpenAPIHono } from "@hono/zod-openapi";
import * as z from "zod";
import { grantableScopes } from "../scopes.ts";
import type { ControlContext, ControlEnv } from "./control-env.ts";

/** Whom clients are sent to for tokens, and as what this plane is known there. */
export interface Authorization {
  readonly issuer: string;
  /** Origin under which clients reach the control listener; absent: the one that the request came to. */
  readonly publicUrl?: string | undefined;
}

const path = "/.well-known/oauth-protected-resource";

const resourceMetadata = z.object({
  resource: z.string(),
  authorization_servers: z.array(z.string()),
  scopes_supported: z.array(z.string()),
  bearer_methods_supported: z.array(z.string()),
});

/** RFC 9728: for the plane, and for the resource `/mcp` by itself, which is what MCP clients ask for. */
const routes = ["", "/mcp"].map((resource) =>
  createRoute({
    method: "get",
    path: `${path}${resource}`,
    operationId: resource === "" ? "resourceMetadata" : "mcpResourceMetadata",
    summary: "Where tokens for this plane come from (RFC 9728)",
    tags: ["identity"],
    security: [],
    responses: {
      200: { description: "The metadata", content: { "application/json": { schema: resourceMetadata } } },
    },
  }),
);

/** Serves the metadata, without authentication: it is what a client without a token reads first. */
export function serveResourceMetadata(app: OpenAPIHono<ControlEnv>, authorization: Authorization): void {
  for (const route of routes)
    app.openapi(route, (c) =>
      c.json(
        {
          resource: originOf(c, authorization) + route.path.slice(path.length),
          authorization_servers: [authorization.issuer],
          scopes_supported: [...grantableScopes],
          bearer_methods_supported: ["header"],
        },
        200,
      ),
    );
}

/** The address that a challenge names. */
export function resourceMetadataUrl(c: ControlContext, authorization: Authorization): string {
  return `${originOf(c, authorization)}${path}${c.req.path === "/mcp" ? "/mcp" : ""}`;
}

/** The guard has judged the Host before. */
function originOf(c: ControlContext, { publicUrl }: Authorization): string {
  return publicUrl ?? `http://${c.req.header("host") ?? "localhost"}`;
}
