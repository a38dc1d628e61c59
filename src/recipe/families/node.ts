import type { CommandSign, Recipe } from "../recipe.ts";

/** It reads PORT, or the port that it really binds is followed. */
const ownServer = {
  runtime: "node",
  serves: "api",
  arguments: [],
  repeated: "last",
  variable: "PORT",
  env: {},
  whenTaken: "hangs",
  hostMode: "local",
  socketScript: false,
  note: "Read PORT from the environment; a port fixed in the code is followed, but cannot be used twice.",
} as const satisfies Partial<Recipe>;

/** A server of the project's own code. */
const sign: CommandSign = {
  programs: ["node", "nodemon", "tsx", "ts-node", "ts-node-dev", "tsnd", "node-dev", "babel-node", "vite-node", "jiti"],
};

/** The page is Vite's, whose socket has a port of its own. */
const viteMiddleware: Recipe = {
  ...ownServer,
  framework: "vite-middleware",
  serves: "pages",
  commands: [
    {
      ...sign,
      source: {
        files: ["{file}", "{folder}/vite.ts", "{folder}/vite.js"],
        content: /\bmiddlewareMode\b|["']vite-express["']/,
      },
    },
  ],
  secondPorts: [24_678],
  socketScript: true,
};

const nest: Recipe = {
  ...ownServer,
  framework: "nest",
  packageName: "@nestjs/cli",
  configFiles: ["nest-cli.json"],
  commands: [
    { programs: ["nest"], verbs: ["start"] },
    { ...sign, packages: ["@nestjs/core"] },
  ],
  projects: [{ packages: ["@nestjs/cli"], command: "nest start --watch" }],
  defaultPort: 3000,
};

function server(framework: string): Recipe {
  return { ...ownServer, framework, commands: [{ ...sign, packages: [framework] }] };
}

const names = ["server", "index", "app", "main", "src/server", "src/index", "src/app", "src/main"];
const listens = /\.listen\s*\(|\bcreateServer\s*\(|\bserve\s*\(/;

const node: Recipe = {
  ...ownServer,
  framework: "node",
  commands: [sign],
  projects: [
    { packages: ["tsx"], files: names.map((name) => `${name}.ts`), content: listens, command: "tsx watch {file}" },
    {
      files: names.flatMap((name) => [`${name}.js`, `${name}.mjs`, `${name}.cjs`]),
      content: listens,
      command: "node --watch {file}",
    },
  ],
};

/** The more particular ones first; plain Node is what the others leave. */
export const nodeRecipes: readonly Recipe[] = [
  viteMiddleware,
  nest,
  ...["express", "fastify", "hono", "koa"].map(server),
  node,
];
