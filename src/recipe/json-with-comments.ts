/**
 * JSON as editors write it: comments and trailing commas. `undefined` for anything else, which the
 * tools that own such files do not read either.
 */
export function parseJsonWithComments(text: string): unknown {
  try {
    return JSON.parse(withoutTrailingCommas(withoutComments(text.replace(/^\uFEFF/, ""))));
  } catch {
    // Not ours to report: the file is a hint, and a project without it is launched all the same.
    return undefined;
  }
}

/**
 * Strings are matched first, so that what looks like a comment inside one stays. What has no end
 * runs to the end of its line or of the text: it is no JSON, and must not be tried from every place.
 */
function withoutComments(text: string): string {
  return text.replace(
    /("(?:[^"\\\n]|\\.)*"?)|\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/g,
    (_, string: string | undefined) => string ?? " ",
  );
}

function withoutTrailingCommas(text: string): string {
  return text.replace(/("(?:[^"\\\n]|\\.)*"?)|,(?=\s*[}\]])/g, (_, string: string | undefined) => string ?? "");
}
