import type { Recipe } from "../recipe.ts";
import { flag } from "../recipe.ts";
import { onVite, viteConfigFiles, viteNotServing } from "./vite.ts";

/** Runs as `vite dev`; which framework it is, its dependency says. */
function runsAsVite(framework: string, packages: readonly string[], command = "vite dev"): Recipe {
  return {
    ...onVite,
    framework,
    commands: [{ programs: ["vite"], notVerbs: viteNotServing, packages }],
    projects: [{ packages, command }],
  };
}

/** Beside Laravel or Rails, whose pages name it by its own port. */
const viteAssets: Recipe = {
  ...onVite,
  framework: "vite-assets",
  serves: "assets",
  commands: [
    {
      programs: ["vite"],
      notVerbs: viteNotServing,
      packages: ["laravel-vite-plugin", "vite-plugin-ruby", "vite-plugin-rails"],
    },
  ],
};

const sveltekit: Recipe = {
  ...runsAsVite("sveltekit", ["@sveltejs/kit"]),
  configFiles: [...viteConfigFiles, "svelte.config.js", "svelte.config.ts"],
};

const tanstackStart = runsAsVite("tanstack-start", [
  "@tanstack/react-start",
  "@tanstack/solid-start",
  "@tanstack/vue-start",
]);

/** From version 2; version 1 runs as Vinxi. */
const solidStart = runsAsVite("solid-start", ["@solidjs/start"]);

const qwik = runsAsVite("qwik", ["@builder.io/qwik", "@qwik.dev/core"], "vite --mode ssr");

const reactRouter: Recipe = {
  ...onVite,
  framework: "react-router",
  packageName: "@react-router/dev",
  commands: [{ programs: ["react-router"], verbs: ["dev"] }],
  projects: [{ packages: ["@react-router/dev"], command: "react-router dev" }],
};

/** Remix 2: with Vite, or with its own compiler, whose app server reads PORT. */
const remixVite: Recipe = {
  ...onVite,
  framework: "remix",
  packageName: "@remix-run/dev",
  commands: [{ programs: ["remix"], verbs: ["vite:dev"] }],
  projects: [{ packages: ["@remix-run/dev"], files: viteConfigFiles, command: "remix vite:dev" }],
};

const remix: Recipe = {
  ...onVite,
  framework: "remix",
  packageName: "@remix-run/dev",
  configFiles: ["remix.config.js", "remix.config.mjs"],
  commands: [{ programs: ["remix"], verbs: ["dev"] }],
  projects: [{ packages: ["@remix-run/dev"], files: ["remix.config.js", "remix.config.mjs"], command: "remix dev" }],
  defaultPort: 3000,
  arguments: [],
  variable: "PORT",
  socketScript: true,
  note: "Live reload of the classic compiler has a port of its own.",
};

/**
 * SolidStart 1 and TanStack Start before Vite. Each of its routers has a Vite of its own, whose socket
 * is on a random port.
 */
const vinxi: Recipe = {
  ...onVite,
  framework: "vinxi",
  packageName: "vinxi",
  configFiles: ["app.config.ts", "app.config.js"],
  commands: [{ programs: ["vinxi"], verbs: ["dev"] }],
  projects: [{ packages: ["vinxi"], command: "vinxi dev" }],
  defaultPort: 3000,
  arguments: [flag("--host", "{host}"), flag("--port", "{port}")],
  whenTaken: "moves",
  socketScript: true,
};

/** Everything built on Vite that is told by its program or its dependency; before plain Vite. */
export const onViteRecipes: readonly Recipe[] = [
  viteAssets,
  vinxi,
  sveltekit,
  tanstackStart,
  solidStart,
  qwik,
  reactRouter,
  remixVite,
  remix,
];
