/** How the script in the page names another port of the dev server: in a path under the page's own origin. */
export const secondPortPrefix = "/.dev-preview/port/";

export interface SecondPort {
  readonly port: number;
  /** The request target as the server on that port gets it. */
  readonly target: string;
}

const path = /^\/\.dev-preview\/port\/([1-9][0-9]{3,4})(\/.*)$/;

/** Reads `/.dev-preview/port/24678/path?query`; undefined for every other target, and for privileged ports. */
export function parseSecondPort(target: string): SecondPort | undefined {
  const match = path.exec(target);
  if (match?.[1] === undefined || match[2] === undefined) return undefined;
  const port = Number(match[1]);
  return port >= 1024 && port <= 65535 ? { port, target: match[2] } : undefined;
}
