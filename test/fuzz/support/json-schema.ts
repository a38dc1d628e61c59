import fc from "fast-check";
import { anyJson, anyText } from "./fuzz.ts";

/** As much of JSON Schema as our descriptions use. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly pattern?: string;
  readonly allOf?: readonly Schema[];
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema | boolean;
  readonly anyOf?: readonly Schema[];
}

/** By the name of the field: what a call would carry out, or wait for, must stay harmless and short. */
export type Tame = Readonly<Record<string, fc.Arbitrary<unknown>>>;

/** Values as the schema asks for them, or nearly, or not at all. */
export function neighbourOf(schema: Schema, { tame, resolve }: Near, name = ""): fc.Arbitrary<unknown> {
  const tamed = tame[name];
  if (tamed !== undefined) return tamed;
  const near = { tame, resolve };
  if (schema.$ref !== undefined) return neighbourOf(resolve(schema.$ref), near, name);
  return fc.oneof({ weight: 12, arbitrary: meantOf(schema, near) }, anyJson);
}

interface Near {
  readonly tame: Tame;
  readonly resolve: (reference: string) => Schema;
}

function meantOf(schema: Schema, near: Near): fc.Arbitrary<unknown> {
  if (schema.anyOf !== undefined) return fc.oneof(...schema.anyOf.map((each) => neighbourOf(each, near)));
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.type === "array") return fc.array(neighbourOf(schema.items ?? {}, near), { maxLength: 3 });
  if (schema.type === "object") return objectOf(schema, near);
  if (schema.type === "boolean") return fc.boolean();
  if (schema.type === "integer" || schema.type === "number") return numberOf(schema);
  return textOf(schema);
}

function textOf({
  allOf = [],
  pattern = allOf[0]?.pattern,
  minLength = 0,
  maxLength = 60,
}: Schema): fc.Arbitrary<string> {
  const meant =
    pattern === undefined
      ? fc.string({ minLength, maxLength: Math.max(minLength, Math.min(maxLength, 60)) })
      : fc.stringMatching(new RegExp(pattern, "u"), { maxLength: Math.min(maxLength, 60) });
  return fc.oneof({ weight: 4, arbitrary: meant }, anyText);
}

function numberOf({ minimum = 0, maximum = 100 }: Schema): fc.Arbitrary<number> {
  const edges = [minimum, maximum, minimum - 1, maximum + 1, 0.5, -1, 1e308, Number.MAX_SAFE_INTEGER];
  const inside = fc.integer({ min: Math.ceil(minimum), max: Math.floor(maximum) });
  return fc.oneof({ weight: 8, arbitrary: inside }, fc.constantFrom(...edges));
}

function objectOf({ properties = {}, required = [], additionalProperties }: Schema, near: Near): fc.Arbitrary<unknown> {
  const fields = Object.fromEntries(
    Object.entries(properties).map(([name, schema]) => [name, neighbourOf(schema, near, name)]),
  );
  const known = fc.oneof(
    { weight: 6, arbitrary: fc.record(fields, { requiredKeys: [...required] }) },
    fc.record(fields, { requiredKeys: [] }),
  );
  const more =
    typeof additionalProperties === "object"
      ? fc.dictionary(anyText, neighbourOf(additionalProperties, near), { maxKeys: 3 })
      : fc.oneof({ weight: 12, arbitrary: fc.constant({}) }, fc.dictionary(anyText, anyJson, { maxKeys: 2 }));
  return fc.tuple(known, more).map(([one, other]) => ({ ...other, ...one }));
}
