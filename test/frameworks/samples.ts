import type { Sample } from "./sample.ts";
import { angular22 } from "./samples/angular-22.ts";
import { astro7 } from "./samples/astro-7.ts";
import { fastapi } from "./samples/fastapi.ts";
import { next16, next16Pages } from "./samples/next-16.ts";
import { nuxt4 } from "./samples/nuxt-4.ts";
import { sveltekit2, sveltekit3 } from "./samples/sveltekit.ts";
import { vite8React } from "./samples/vite-8-react.ts";
import { webpackDevServer5, webpackDevServer6 } from "./samples/webpack.ts";

/** Every row of the matrix. */
export const samples: readonly Sample[] = [
  angular22,
  astro7,
  fastapi,
  next16,
  next16Pages,
  nuxt4,
  sveltekit2,
  sveltekit3,
  vite8React,
  webpackDevServer5,
  webpackDevServer6,
];
