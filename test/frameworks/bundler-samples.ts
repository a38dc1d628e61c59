import type { Sample } from "./sample.ts";
import { bunHtml } from "./samples/bun-html.ts";
import { createReactApp5 } from "./samples/create-react-app-5.ts";
import { docusaurus3 } from "./samples/docusaurus-3.ts";
import { eleventy3 } from "./samples/eleventy-3.ts";
import { expoWeb } from "./samples/expo-web.ts";
import { gatsby5 } from "./samples/gatsby-5.ts";
import { parcel } from "./samples/parcel.ts";
import { rsbuild } from "./samples/rsbuild.ts";
import { rspack } from "./samples/rspack.ts";
import { vueCli5 } from "./samples/vue-cli-5.ts";

/** Bundlers and what generates sites with them. */
export const bundlerSamples: readonly Sample[] = [
  bunHtml,
  createReactApp5,
  docusaurus3,
  eleventy3,
  expoWeb,
  gatsby5,
  parcel,
  rsbuild,
  rspack,
  vueCli5,
];
