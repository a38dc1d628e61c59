import { createRoute } from "@hono/zod-openapi";
import * as z from "zod";
import { checkInput, checkOutput, screenshotInput, screenshotOutput } from "../preview/inspection.ts";
import { contextHeaders } from "./middleware/request-context.ts";
import { answers, jsonBody } from "./route-parts.ts";

const tags = ["inspect"];
const headers = contextHeaders;
const query = z.strictObject({});

export const checkRoute = createRoute({
  method: "post",
  path: "/v1/checks",
  operationId: "checkPreview",
  summary: "Open a page of a preview in a browser of the plane's host and tell what is wrong with it",
  tags,
  request: { headers, query, body: jsonBody(checkInput.meta({ id: "CheckInput" })) },
  responses: answers(
    checkOutput.meta({ id: "CheckReport" }),
    "What the browser saw; all but `next` is text of the page",
  ),
});

export const screenshotRoute = createRoute({
  method: "post",
  path: "/v1/screenshots",
  operationId: "screenshotPreview",
  summary: "The same page as an image",
  tags,
  request: { headers, query, body: jsonBody(screenshotInput.meta({ id: "ScreenshotInput" })) },
  responses: answers(screenshotOutput.meta({ id: "Screenshot" }), "PNG or JPEG, in base64"),
});
