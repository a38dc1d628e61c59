import * as z from "zod";
import { seconds, settings } from "./setting.ts";

const weekSeconds = 604_800;

const visibility = z.enum(["members", "guests", "link"]);

/** What one org is given instead of what the plane gives everybody. */
const orgOverrides = z.strictObject({
  idleSeconds: seconds(weekSeconds).optional(),
  keepaliveMaxSeconds: seconds(weekSeconds).optional(),
  maxVisibility: visibility.optional(),
});

/** What holds for every org, and what holds for some instead. */
export const orgSettings = {
  idleSeconds: seconds(weekSeconds)
    .default(1800)
    .describe("Without a visit for so long a dev server is put to sleep, until the next visit; 0: never")
    .register(settings, { env: "DEV_PREVIEW_IDLE_SECONDS" }),
  keepaliveMaxSeconds: seconds(weekSeconds)
    .default(28_800)
    .describe("The most that a start may ask for instead (`keepaliveSeconds`)")
    .register(settings, { env: "DEV_PREVIEW_KEEPALIVE_MAX_SECONDS" }),
  keepaliveMinSeconds: seconds(weekSeconds)
    .default(60)
    .describe("The least that it may ask for")
    .register(settings, { env: "DEV_PREVIEW_KEEPALIVE_MIN_SECONDS" }),
  maxVisibility: visibility
    .default("link")
    .describe("Who previews may be shown to: whoever has a link, or who logs in: members, or also guests")
    .register(settings, { env: "DEV_PREVIEW_MAX_VISIBILITY" }),
  orgs: z
    .preprocess(fromJson, z.record(z.string().min(1), orgOverrides))
    .default({})
    .describe(
      'What single orgs get instead: `{"acme": {"idleSeconds": 600}}`, with `idleSeconds`, `keepaliveMaxSeconds` and `maxVisibility`; JSON in the environment',
    )
    .register(settings, { env: "DEV_PREVIEW_ORGS", defaultText: "{}" }),
};

/** The file holds an object, environment and flags its text; what is no JSON is refused as it is. */
function fromJson(value: unknown): unknown {
  if (typeof value !== "string") return value;
  try {
    return JSON.parse(value);
  } catch {
    // the schema then says that a text is no object
    return value;
  }
}
