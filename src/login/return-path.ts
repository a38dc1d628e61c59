const longest = 2048;

/**
 * A path of the preview to return to after login, else `/`. What a browser could take for another host
 * (`//host`, `/\host`, control characters that it drops) is no path; it is also only ever printed behind
 * the preview's own origin.
 */
export function returnPath(target: string): string {
  return target.length <= longest && /^\/(?![/\\])[\x21-\x7e]*$/.test(target) ? target : "/";
}
