import * as z from "zod";

export type JsonSchema = Readonly<Record<string, unknown>>;

/** Values of an enumeration in results above which the list costs more tokens than it is worth. */
const maxListedValues = 8;

/**
 * The JSON Schema (2020-12, the dialect that MCP assumes) of a tool's arguments or result, without
 * what costs tokens and says nothing: the dialect's address, the bounds of safe integers, and in
 * results, which we parse ourselves, the bounds of numbers and long enumerations. Results stay open
 * to further fields, so that a client that listed the tools before an upgrade of the plane does not
 * refuse the answers after it; arguments are closed.
 */
export function advertisedSchema(schema: z.ZodObject, io: "input" | "output"): JsonSchema {
  const { $schema: _, ...advertised } = z.toJSONSchema(schema, {
    io,
    override: ({ jsonSchema }) => (io === "output" ? loosenResult(jsonSchema) : dropSafeBounds(jsonSchema)),
  });
  return advertised;
}

function loosenResult(schema: z.core.JSONSchema.BaseSchema): void {
  delete schema.minimum;
  delete schema.maximum;
  if (schema.additionalProperties === false) delete schema.additionalProperties;
  if ((schema.enum?.length ?? 0) > maxListedValues) delete schema.enum;
}

function dropSafeBounds(schema: z.core.JSONSchema.BaseSchema): void {
  if (schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum;
  if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum;
}
