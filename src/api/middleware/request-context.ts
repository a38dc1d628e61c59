import type { MiddlewareHandler } from "hono";
import * as z from "zod";
import { slugSchema } from "../../preview/contract.ts";
import type { ControlEnv } from "../control-env.ts";
import { FieldsRefusedError } from "../problem-details.ts";

/** The headers that bind a call to a project and a client session. */
export const contextHeaders = z.object({
  "x-project-slug": slugSchema.optional().describe("Project that the call is about"),
  "x-session-id": z
    .string()
    .regex(/^[A-Za-z0-9._:-]{1,128}$/, "letters, digits and . _ : -, at most 128")
    .optional()
    .describe("Client session, for the record"),
});

/** Builds the request context from the principal and the headers; a malformed header is refused. */
export function requestContext(): MiddlewareHandler<ControlEnv> {
  return async (c, next) => {
    const parsed = contextHeaders.safeParse({
      "x-project-slug": c.req.header("x-project-slug"),
      "x-session-id": c.req.header("x-session-id"),
    });
    if (!parsed.success) throw new FieldsRefusedError(parsed.error.issues);
    const { "x-project-slug": projectSlug, "x-session-id": sessionId } = parsed.data;
    c.set("context", {
      principal: c.get("principal"),
      requestId: c.get("requestId"),
      ...(projectSlug === undefined ? {} : { projectSlug }),
      ...(sessionId === undefined ? {} : { sessionId }),
    });
    await next();
  };
}
