import * as z from "zod";

export type JsonSchema = Readonly<Record<string, unknown>>;

/**
 * The JSON Schema (2020-12, the dialect that MCP assumes) of a tool's arguments or result, without
 * what costs tokens and says nothing: the dialect's address and the bounds of safe integers.
 * Results stay open to further fields, so that a client that listed the tools before an upgrade of
 * the plane does not refuse the answers after it; arguments are closed.
 */
export function advertisedSchema(schema: z.ZodObject, io: "input" | "output"): JsonSchema {
  const { $schema: _, ...advertised } = z.toJSONSchema(schema, {
    io,
    override: ({ jsonSchema }) => {
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
      if (io === "output" && jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
    },
  });
  return advertised;
}
