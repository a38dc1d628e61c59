import type * as z from "zod";
import { PreviewError } from "../errors.ts";

const maxShownName = 80;

/** Arguments as the schema reads them; throws `invalid_input` that names every one refused. */
export function parseArguments<Schema extends z.ZodObject>(
  tool: string,
  schema: Schema,
  given: unknown,
): z.output<Schema> {
  const parsed = schema.safeParse(given ?? {});
  if (parsed.success) return parsed.data;
  const unknown = parsed.error.issues.flatMap((issue) => (issue.code === "unrecognized_keys" ? issue.keys : []));
  if (unknown.length > 0) throw unknownArguments(tool, unknown, Object.keys(schema.shape));
  throw new PreviewError(
    "invalid_input",
    `${tool} refused its arguments: ${parsed.error.issues.map(shown).join("; ")}`,
    {
      hint: "Correct the arguments named and call again; the tool's input schema says what each one accepts.",
    },
  );
}

function unknownArguments(tool: string, names: readonly string[], known: readonly string[]): PreviewError {
  const listed = names.slice(0, 10).map((name) => JSON.stringify(name.slice(0, maxShownName)));
  return new PreviewError(
    "invalid_input",
    `${tool} takes no argument ${listed.join(", ")}; it takes ${known.join(", ")}`,
    {
      hint: "Remove it. Org, user, workspace, project and sandbox belong to the connection and are never arguments.",
    },
  );
}

function shown(issue: z.core.$ZodIssue): string {
  const path = issue.path.map(String).join(".").slice(0, maxShownName);
  return path === "" ? issue.message : `${path}: ${issue.message}`;
}
