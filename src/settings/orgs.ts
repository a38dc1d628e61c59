import * as z from "zod";
import { seconds, settings } from "./setting.ts";

const weekSeconds = 604_800;

/** What one org is given instead of what the plane gives everybody. */
const orgOverrides = z.strictObject({
  idleSeconds: seconds(weekSeconds).optional(),
  keepaliveMaxSeconds: seconds(weekSeconds).optional(),
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
  orgs: z
    .preprocess(fromJson, z.record(z.string().min(1), orgOverrides))
    .default({})
    .describe(
      'What single orgs get instead: `{"acme": {"idleSeconds": 600}}`, with `idleSeconds` and `keepaliveMaxSeconds`; JSON in the environment',
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
