import { createRoute } from "@hono/zod-openapi";
import * as z from "zod";
import {
  listOutput,
  logsInput,
  logsOutput,
  previewOutput,
  startInput,
  stopInput,
  stopOutput,
  urlInput,
} from "../preview/contract.ts";
import { contextHeaders } from "./middleware/request-context.ts";
import { listQuery, logsQuery } from "./query-schema.ts";
import { answers, jsonBody, streamedAnswers } from "./route-parts.ts";

const tags = ["previews"];
const headers = contextHeaders;
const noQuery = z.strictObject({});
const params = z.object({ name: logsInput.shape.name.unwrap() });
const preview = previewOutput.meta({ id: "Preview" });

export const startRoute = createRoute({
  method: "post",
  path: "/v1/previews",
  operationId: "startPreview",
  summary: "Start a dev server, or reuse the running one, and wait until it answers",
  tags,
  request: { headers, query: noQuery, body: jsonBody(startInput.meta({ id: "StartInput" })) },
  responses: streamedAnswers(preview, "The preview, serving or on its way"),
});

export const listRoute = createRoute({
  method: "get",
  path: "/v1/previews",
  operationId: "listPreviews",
  summary: "The project's previews",
  tags,
  request: { headers, query: listQuery },
  responses: answers(listOutput.meta({ id: "PreviewList" }), "Live previews, and ended ones when asked for"),
});

export const getRoute = createRoute({
  method: "get",
  path: "/v1/previews/{name}",
  operationId: "getPreview",
  summary: "One preview",
  tags,
  request: { headers, query: noQuery, params },
  responses: answers(preview, "The preview"),
});

export const logsRoute = createRoute({
  method: "get",
  path: "/v1/previews/{name}/logs",
  operationId: "readPreviewLogs",
  summary: "Output of a preview's dev server",
  tags,
  request: { headers, params, query: logsQuery },
  responses: answers(logsOutput.meta({ id: "LogLines" }), "Lines, and the cursor that continues after them"),
});

export const urlRoute = createRoute({
  method: "post",
  path: "/v1/links",
  operationId: "mintLink",
  summary: "The URL of a preview, by name or port",
  tags,
  request: { headers, query: noQuery, body: jsonBody(urlInput.meta({ id: "UrlInput" })) },
  responses: streamedAnswers(preview, "The preview with its link"),
});

export const stopRoute = createRoute({
  method: "post",
  path: "/v1/stops",
  operationId: "stopPreviews",
  summary: "Stop previews; stopping a stopped one is fine",
  tags,
  request: { headers, query: noQuery, body: jsonBody(stopInput.meta({ id: "StopInput" })) },
  responses: answers(stopOutput.meta({ id: "StopResult" }), "What was stopped"),
});
