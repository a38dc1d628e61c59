import { createRoute } from "@hono/zod-openapi";
import * as z from "zod";
import {
  linkId,
  linkList,
  linkOutput,
  linkRotation,
  linkTarget,
  revokedLinks,
} from "../preview/links/link-contract.ts";
import { contextHeaders } from "./middleware/request-context.ts";
import { answers, jsonBody } from "./route-parts.ts";

const tags = ["links"];
const headers = contextHeaders;
const noQuery = z.strictObject({});
const params = z.object({ id: linkId });
const revoked = revokedLinks.meta({ id: "RevokedLinks" });

export const listLinksRoute = createRoute({
  method: "get",
  path: "/v1/links",
  operationId: "listLinks",
  summary: "The live links of the project, or of one preview",
  tags,
  request: { headers, query: linkTarget },
  responses: answers(linkList.meta({ id: "LinkList" }), "The links"),
});

export const revokeLinksRoute = createRoute({
  method: "delete",
  path: "/v1/links",
  operationId: "revokeLinks",
  summary: "End every link of the project, or of one preview, within a second",
  tags,
  request: { headers, query: linkTarget },
  responses: answers(revoked, "How many there were"),
});

export const revokeLinkRoute = createRoute({
  method: "delete",
  path: "/v1/links/{id}",
  operationId: "revokeLink",
  summary: "End one link within a second, what is open through it included",
  tags,
  request: { headers, query: noQuery, params },
  responses: answers(revoked, "It has ended"),
});

export const rotateLinkRoute = createRoute({
  method: "post",
  path: "/v1/links/{id}/rotations",
  operationId: "rotateLink",
  summary: "End one link, and make another of its kind and label",
  tags,
  request: { headers, query: noQuery, params, body: jsonBody(linkRotation.meta({ id: "LinkRotation" })) },
  responses: answers(linkOutput.meta({ id: "Link" }), "The new link"),
});
