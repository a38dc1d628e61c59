import { createRoute } from "@hono/zod-openapi";
import * as z from "zod";
import { projectInput, slugSchema } from "../preview/contract.ts";
import { project, projectList } from "./project-list.ts";
import { answers, jsonBody } from "./route-parts.ts";

const tags = ["projects"];
const query = z.strictObject({});
const params = z.object({ slug: slugSchema });

export const putProjectRoute = createRoute({
  method: "put",
  path: "/v1/projects/{slug}",
  operationId: "putProject",
  summary: "Register a project; repeating it is fine",
  tags,
  request: { query, params, body: jsonBody(projectInput.meta({ id: "ProjectInput" })) },
  responses: answers(project, "The registered project"),
});

export const getProjectRoute = createRoute({
  method: "get",
  path: "/v1/projects/{slug}",
  operationId: "getProject",
  summary: "One project",
  tags,
  request: { query, params },
  responses: answers(project, "The project"),
});

export const listProjectsRoute = createRoute({
  method: "get",
  path: "/v1/projects",
  operationId: "listProjects",
  summary: "The projects that the caller may touch",
  tags,
  request: { query },
  responses: answers(projectList, "The projects"),
});

export const removeProjectRoute = createRoute({
  method: "delete",
  path: "/v1/projects/{slug}",
  operationId: "removeProject",
  summary: "Forget a project and its ended previews; refused while one is live",
  tags,
  request: { query, params },
  responses: answers(project, "The project that was removed"),
});
