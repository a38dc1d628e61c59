import * as z from "zod";

// Bounds are refinements, so that the tools' schemas stay short: every agent reads them.

/** Who sees a preview, and where: fields of start and url. */
export const sharingFields = {
  embedOrigins: textsOf(isEmbedOrigin, "an origin like https://chat.example.com, or http on localhost")
    .refine(({ length }) => length <= 10, "at most 10")
    .optional()
    .describe("Origins that may frame it"),
  guests: textsOf(isName, "a user as the login tells it, at most 200 characters")
    .refine(({ length }) => length <= 100, "at most 100")
    .optional()
    .describe("Users besides members that may log in"),
};

/** Tells the links of a preview apart. */
export const linkLabel = z.string().trim().refine(isName, "1 to 200 characters, none of them a control character");

function textsOf(holds: (text: string) => boolean, expected: string) {
  return z.array(z.string().refine(holds, expected));
}

/**
 * An origin as browsers print it: https, or http on this machine. No wildcards, and nothing that would mean
 * more than an origin in a content policy.
 */
function isEmbedOrigin(text: string): boolean {
  const host = /^(?:https:\/\/[a-z0-9.-]+|http:\/\/(?:localhost|127\.0\.0\.1|[a-z0-9-]+\.localhost))(?::\d{1,5})?$/;
  return text.length <= 200 && host.test(text) && URL.canParse(text) && new URL(text).origin === text;
}

function isName(text: string): boolean {
  return text !== "" && text.length <= 200 && !/\p{C}/u.test(text);
}
