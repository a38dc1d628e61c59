import { socketScriptVersion } from "./socket-script.ts";

const entityTag = /(?:W\/)?"[^"]*"/g;
const marked = new RegExp(`^W/"([^"]*)-([sw])${socketScriptVersion}"$`);

/**
 * The tag of a document that carries the script. It is weak, as the bytes are no longer the app's, and
 * names the script, so that a copy that a browser kept from before the script, or with another one, is
 * never confirmed to it.
 */
export function markTag(tag: string): string {
  const strength = tag.startsWith("W/") ? "w" : "s";
  const opaque = /^(?:W\/)?"([^"]*)"$/.exec(tag)?.[1];
  return opaque === undefined ? tag : `W/"${opaque}-${strength}${socketScriptVersion}"`;
}

/** `If-None-Match` as the app understands it: the tags that were marked. Undefined when there is none. */
export function unmarkTags(value: string): string | undefined {
  const tags: string[] = [];
  for (const tag of value.match(entityTag) ?? []) {
    const match = marked.exec(tag);
    if (match !== null) tags.push(`${match[2] === "w" ? "W/" : ""}"${match[1]}"`);
  }
  return tags.length === 0 ? undefined : tags.join(", ");
}
