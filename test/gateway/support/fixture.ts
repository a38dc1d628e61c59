import { afterEach } from "vitest";
import type { GatewayOptions } from "../../../src/gateway/gateway.ts";
import type { Route } from "../../../src/preview/route.ts";
import { mintLink, startGateway } from "./harness.ts";
import type { Harness, MintedLink } from "./harness.ts";
import { startUpstream } from "./scripted-upstream.ts";
import type { Script, ScriptedUpstream } from "./scripted-upstream.ts";

export interface Preview {
  readonly upstream: ScriptedUpstream;
  readonly link: MintedLink;
  readonly harness: Harness;
}

const open: { close(): Promise<void> }[] = [];

afterEach(async () => {
  for (const part of open.splice(0).toReversed()) await part.close();
});

/** Closes what a test opened when the test ends. */
export function closing<T extends { close(): Promise<void> }>(part: T): T {
  open.push(part);
  return part;
}

/** A gateway with one preview, served by a script; closed after the test. */
export async function startPreview(
  script?: Script,
  options: { route?: Partial<Route>; gateway?: Partial<GatewayOptions> } = {},
): Promise<Preview> {
  const upstream = closing(await startUpstream(script));
  const link = mintLink(upstream.port, options.route);
  const harness = closing(await startGateway([link.route], options.gateway));
  return { upstream, link, harness };
}

/** A request head for a preview; `lines` are further header lines. */
export function requestTo(link: MintedLink, target = "/", ...lines: string[]): string {
  const [method, path] = target.includes(" ") ? target.split(" ", 2) : ["GET", target];
  return [`${method} ${path} HTTP/1.1`, `Host: ${link.name}`, ...lines, "", ""].join("\r\n");
}
