import { angular } from "./families/angular.ts";
import { asgiRecipes } from "./families/asgi.ts";
import { astro } from "./families/astro.ts";
import { bunRecipes } from "./families/bun.ts";
import { createReactApp } from "./families/create-react-app.ts";
import { denoRecipes } from "./families/deno.ts";
import { django } from "./families/django.ts";
import { docusaurus } from "./families/docusaurus.ts";
import { eleventy } from "./families/eleventy.ts";
import { expo } from "./families/expo.ts";
import { fastifyCli } from "./families/fastify-cli.ts";
import { flask } from "./families/flask.ts";
import { gatsby } from "./families/gatsby.ts";
import { go } from "./families/go.ts";
import { hugo } from "./families/hugo.ts";
import { jsonServer } from "./families/json-server.ts";
import { next } from "./families/next.ts";
import { nodeRecipes } from "./families/node.ts";
import { nuxt } from "./families/nuxt.ts";
import { nxRecipes } from "./families/nx.ts";
import { onViteRecipes } from "./families/on-vite.ts";
import { parcel } from "./families/parcel.ts";
import { phpRecipes } from "./families/php.ts";
import { pythonRecipes } from "./families/python.ts";
import { rspackRecipes } from "./families/rspack.ts";
import { rubyRecipes } from "./families/ruby.ts";
import { staticFolder } from "./families/static-folder.ts";
import { staticServerRecipes } from "./families/static-servers.ts";
import { storybook } from "./families/storybook.ts";
import { streamlit } from "./families/streamlit.ts";
import { vite } from "./families/vite.ts";
import { vitepress } from "./families/vitepress.ts";
import { vueCli } from "./families/vue-cli.ts";
import { webpack } from "./families/webpack.ts";
import type { Recipe } from "./recipe.ts";

/**
 * Every recipe. The first that fits counts, so that the more particular ones come first: for a
 * command line, and for a project that has none.
 */
export const recipes: readonly Recipe[] = [
  ...onViteRecipes,
  next,
  nuxt,
  astro,
  angular,
  expo,
  gatsby,
  createReactApp,
  vueCli,
  docusaurus,
  vitepress,
  eleventy,
  vite,
  ...rspackRecipes,
  webpack,
  parcel,
  ...nxRecipes,
  ...phpRecipes,
  django,
  streamlit,
  ...asgiRecipes,
  flask,
  ...rubyRecipes,
  hugo,
  go,
  ...denoRecipes,
  ...bunRecipes,
  fastifyCli,
  staticFolder,
  ...nodeRecipes,
  jsonServer,
  storybook,
  ...staticServerRecipes,
  ...pythonRecipes,
];
