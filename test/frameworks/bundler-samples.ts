import type { Sample } from "./sample.ts";
import { bunHtml } from "./samples/bun-html.ts";
import { parcel } from "./samples/parcel.ts";
import { rsbuild } from "./samples/rsbuild.ts";
import { rspack } from "./samples/rspack.ts";

/** Bundlers and what generates sites with them. */
export const bundlerSamples: readonly Sample[] = [bunHtml, parcel, rsbuild, rspack];
