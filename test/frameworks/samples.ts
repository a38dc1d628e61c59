import { backendSamples } from "./backend-samples.ts";
import { bundlerSamples } from "./bundler-samples.ts";
import type { Sample } from "./sample.ts";
import { angular22 } from "./samples/angular-22.ts";
import { astro7 } from "./samples/astro-7.ts";
import { fastapi } from "./samples/fastapi.ts";
import { next16, next16Pages } from "./samples/next-16.ts";
import { nuxt4 } from "./samples/nuxt-4.ts";
import { sveltekit2, sveltekit3 } from "./samples/sveltekit.ts";
import { viteMiddleware } from "./samples/vite-middleware.ts";
import { vite8React } from "./samples/vite-8-react.ts";
import { webpackDevServer5, webpackDevServer6 } from "./samples/webpack.ts";
import { next15, next15Pages } from "./samples/next-15.ts";
import { nx } from "./samples/nx.ts";
import { qwik } from "./samples/qwik.ts";
import { reactRouter8 } from "./samples/react-router-8.ts";
import { remix2, remix2Classic } from "./samples/remix-2.ts";
import { solidStart1, solidStart2 } from "./samples/solid-start.ts";
import { storybook10 } from "./samples/storybook-10.ts";
import { tanstackStart } from "./samples/tanstack-start.ts";
import { turbo } from "./samples/turbo.ts";
import { viteLit } from "./samples/vite-lit.ts";
import { vitePreact } from "./samples/vite-preact.ts";
import { vite5React, vite6React, vite7React } from "./samples/vite-react.ts";
import { viteSolid } from "./samples/vite-solid.ts";
import { viteSvelte } from "./samples/vite-svelte.ts";
import { viteVue } from "./samples/vite-vue.ts";
import { vitepress } from "./samples/vitepress.ts";
import { serverSamples } from "./server-samples.ts";

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
  viteMiddleware,
  webpackDevServer5,
  webpackDevServer6,
  vite5React,
  vite6React,
  vite7React,
  viteVue,
  viteSvelte,
  viteSolid,
  vitePreact,
  viteLit,
  qwik,
  reactRouter8,
  remix2,
  remix2Classic,
  tanstackStart,
  solidStart1,
  solidStart2,
  next15,
  next15Pages,
  vitepress,
  storybook10,
  nx,
  turbo,
  ...bundlerSamples,
  ...backendSamples,
  ...serverSamples,
];
