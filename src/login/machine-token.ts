import { tokenParameter } from "../preview/links/preview-url.ts";

/** How machines pass the login: the token of a gated link, in one of three places. */
export const tokenHeader = "x-preview-token";
/** A WebSocket of a browser cannot send headers, but can offer protocols. */
const protocolPrefix = "dev-preview.";

/** The token in a `Sec-WebSocket-Protocol` header. */
export function tokenProtocol(header: string): string | undefined {
  return protocolsOf(header)
    .find((name) => name.startsWith(protocolPrefix))
    ?.slice(protocolPrefix.length);
}

/** The protocols that are the app's; undefined when none is. */
export function withoutTokenProtocol(header: string): string | undefined {
  if (!header.includes(protocolPrefix)) return header;
  const left = protocolsOf(header).filter((name) => !name.startsWith(protocolPrefix));
  return left.length === 0 ? undefined : left.join(", ");
}

export interface TokenQuery {
  readonly token: string;
  /** The target without the parameter. */
  readonly rest: string;
}

/** The token in a target's query; the other parameters stay byte for byte. */
export function tokenInQuery(target: string): TokenQuery | undefined {
  const at = target.indexOf("?");
  if (at === -1 || !target.includes(tokenParameter, at)) return undefined;
  const prefix = `${tokenParameter}=`;
  const pairs = target.slice(at + 1).split("&");
  const token = pairs.find((pair) => pair.startsWith(prefix))?.slice(prefix.length);
  if (token === undefined) return undefined;
  const left = pairs.filter((pair) => !pair.startsWith(prefix)).join("&");
  return { token, rest: target.slice(0, at) + (left === "" ? "" : `?${left}`) };
}

function protocolsOf(header: string): string[] {
  return header.split(",").map((name) => name.trim());
}
