import { createRoute } from "@hono/zod-openapi";
import * as z from "zod";
import { accessPage, eventPage, eventQuery, recordQuery } from "../preview/events/event-contract.ts";
import { contextHeaders } from "./middleware/request-context.ts";
import { wholeNumber } from "./query-schema.ts";
import { answers } from "./route-parts.ts";

export const eventStreamType = "text/event-stream";

const tags = ["events"];
const cursors = { after: wholeNumber(recordQuery.shape.after), limit: wholeNumber(recordQuery.shape.limit) };
const page = answers(eventPage.meta({ id: "EventPage" }), "Events, oldest first; or the stream of those to come");

export const eventsRoute = createRoute({
  method: "get",
  path: "/v1/events",
  operationId: "listEvents",
  summary: "What happened; with `Accept: text/event-stream` live, from `Last-Event-ID`, `after` or now on",
  tags,
  request: {
    headers: contextHeaders.extend({ "last-event-id": wholeNumber(recordQuery.shape.after) }),
    query: eventQuery.extend(cursors),
  },
  responses: {
    ...page,
    200: {
      description: page[200].description,
      content: { ...page[200].content, [eventStreamType]: { schema: z.string() } },
    },
  },
});

export const accessesRoute = createRoute({
  method: "get",
  path: "/v1/accesses",
  operationId: "listAccesses",
  summary: "Who was let through by links, once for each link, visitor and hour",
  tags,
  request: { headers: contextHeaders, query: recordQuery.extend(cursors) },
  responses: answers(accessPage.meta({ id: "AccessPage" }), "Accesses, oldest first"),
});
