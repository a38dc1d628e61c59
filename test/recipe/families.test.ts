import { describe, expect, it } from "vitest";
import type { LaunchPlan } from "../../src/recipe/launch-plan.ts";
import { recipes } from "../../src/recipe/recipes.ts";
import { tempProject } from "./temp-project.ts";

type Files = Readonly<Record<string, unknown>>;

/** The command without the folders that are put in front of PATH. */
function commandOf(plan: LaunchPlan): string {
  return plan.render(4000).command.replaceAll(/(?:export )?PATH="[^"]*:\$PATH";? /g, "");
}

function scripted(dev: string, ...packages: string[]): Files {
  const dependencies = Object.fromEntries(packages.map((name) => [name, "*"]));
  return { "package.json": { name: "app", scripts: { dev }, dependencies }, "node_modules/": "" };
}

async function planned(files: Files): Promise<LaunchPlan> {
  await using project = await tempProject(files);
  return await project.resolve();
}

const vite = "--host 0.0.0.0 --port 4000 --strictPort";
const hostPort = "--host 0.0.0.0 --port 4000";

/** Framework, its dev script, its dependencies, and the command that is run for port 4000. */
const scripts: readonly [string, string, readonly string[], string][] = [
  ["vite", "vite", ["vite"], `vite ${vite}`],
  ["sveltekit", "vite dev", ["vite", "@sveltejs/kit"], `vite dev ${vite}`],
  ["tanstack-start", "vite dev", ["vite", "@tanstack/react-start"], `vite dev ${vite}`],
  ["solid-start", "vite dev", ["vite", "@solidjs/start"], `vite dev ${vite}`],
  ["qwik", "vite --mode ssr", ["vite", "@builder.io/qwik"], `vite --mode ssr ${vite}`],
  ["react-router", "react-router dev", ["@react-router/dev"], `react-router dev ${vite}`],
  ["remix", "remix vite:dev", ["@remix-run/dev"], `remix vite:dev ${vite}`],
  ["remix", "remix dev", ["@remix-run/dev"], "remix dev"],
  ["vinxi", "vinxi dev", ["vinxi", "@solidjs/start"], `vinxi dev ${hostPort}`],
  ["vitepress", "vitepress dev docs", ["vitepress"], `vitepress dev docs ${vite}`],
  ["next", "next dev", ["next"], "next dev"],
  ["next", "next dev --turbopack", ["next"], "next dev --turbopack"],
  ["nuxt", "nuxt dev", ["nuxt"], `nuxt dev ${hostPort}`],
  ["nuxt", "nuxi dev", ["nuxt"], `nuxi dev ${hostPort}`],
  ["astro", "astro dev", ["astro"], `astro dev ${hostPort}`],
  ["angular", "ng serve", ["@angular/cli"], `ng serve ${hostPort}`],
  ["webpack", "webpack serve", ["webpack-cli"], `webpack serve ${hostPort} --no-open`],
  ["webpack", "webpack-dev-server", ["webpack-dev-server"], `webpack-dev-server ${hostPort} --no-open`],
  ["rspack", "rspack dev", ["@rspack/cli"], `rspack dev ${hostPort}`],
  ["rsbuild", "rsbuild dev", ["@rsbuild/core"], `rsbuild dev ${hostPort}`],
  ["rsbuild", "rsbuild", ["@rsbuild/core"], `rsbuild ${hostPort}`],
  ["parcel", "parcel src/index.html", ["parcel"], "parcel src/index.html"],
  ["vue-cli", "vue-cli-service serve", ["@vue/cli-service"], "vue-cli-service serve"],
  ["create-react-app", "react-scripts start", ["react-scripts"], "react-scripts start"],
  ["create-react-app", "craco start", ["react-scripts"], "craco start"],
  ["gatsby", "gatsby develop", ["gatsby"], "gatsby develop -H 0.0.0.0 -p 4000"],
  ["eleventy", "eleventy --serve", ["@11ty/eleventy"], "eleventy --serve --port=4000"],
  ["eleventy", "npx @11ty/eleventy --serve", ["@11ty/eleventy"], "npx @11ty/eleventy --serve --port=4000"],
  ["docusaurus", "docusaurus start", ["@docusaurus/core"], `docusaurus start ${hostPort} --no-open`],
  [
    "storybook",
    "storybook dev -p 6006",
    ["storybook"],
    "storybook dev -p 6006 --host 0.0.0.0 -p 4000 --exact-port --ci",
  ],
  ["expo", "expo start", ["expo"], "expo start --web --port 4000"],
  ["expo", "expo start --web", ["expo"], "expo start --web --port 4000"],
  ["nest", "nest start --watch", ["@nestjs/cli"], "nest start --watch"],
  ["express", "node server.js", ["express"], "npm run dev"],
  ["express", "nodemon app.js", ["express"], "npm run dev"],
  ["fastify", "tsx watch src/server.ts", ["fastify"], "npm run dev"],
  ["hono", "tsx watch src/index.ts", ["hono", "@hono/node-server"], "npm run dev"],
  ["koa", "node --watch app.js", ["koa"], "npm run dev"],
  ["node", "node --watch server.mjs", [], "npm run dev"],
  ["fastify", "fastify start -w app.js", ["fastify-cli"], "fastify start -w app.js -p 4000 -a 0.0.0.0"],
  ["bun-html", "bun ./index.html", [], "npm run dev -- --host=0.0.0.0 --port=4000"],
  ["bun", "bun --watch index.ts", [], "npm run dev"],
  ["deno", "deno run -A --watch main.ts", [], "npm run dev"],
  // behind the file they would be the file's
  ["deno", "deno serve --watch -R main.ts", [], `deno serve ${hostPort} --watch -R main.ts`],
  ["json-server", "json-server --watch db.json", ["json-server"], `json-server --watch db.json ${hostPort}`],
  ["serve", "serve .", ["serve"], "serve ."],
  ["http-server", "http-server", ["http-server"], "http-server -a 0.0.0.0 -p 4000 -c-1"],
  ["live-server", "live-server", ["live-server"], "live-server --host=0.0.0.0 --port=4000 --no-browser"],
  [
    "browser-sync",
    "browser-sync start --server",
    ["browser-sync"],
    "browser-sync start --server --port 4000 --no-open --no-ui",
  ],
  ["fastapi", "fastapi dev main.py", [], `npm run dev -- ${hostPort}`],
  ["uvicorn", "uvicorn main:app --reload", [], `npm run dev -- ${hostPort}`],
  ["flask", "flask --debug run", [], `npm run dev -- ${hostPort}`],
  ["django", "python manage.py runserver", [], "npm run dev -- 0.0.0.0:4000"],
  ["laravel", "php artisan serve", [], "npm run dev -- --host=0.0.0.0 --port=4000"],
  ["nx", "nx serve shop", ["nx", "vite"], "nx serve shop --host=0.0.0.0 --port=4000"],
  ["nx", "nx dev shop", ["nx", "next"], "nx dev shop --port=4000"],
];

describe("a dev script", () => {
  it.each(scripts)("of %s is launched on our port: %s", async (framework, dev, packages, command) => {
    const plan = await planned(scripted(dev, ...packages));
    expect([plan.framework, commandOf(plan)]).toEqual([framework, command]);
    expect(plan.render(4000).env).toMatchObject({ PORT: "4000", HOST: "0.0.0.0" });
    expect(plan.problems.filter(({ code }) => code === "port_not_passed")).toEqual([]);
  });

  /** The same program doing something else. */
  it.each([
    "vite build --watch",
    "next build",
    "astro check",
    "ng build --watch",
    "webpack --watch",
    "rspack build",
    "parcel watch src/index.html",
    "parcel build src/index.html",
    "vue-cli-service build",
    "react-scripts test",
    "gatsby build",
    "eleventy --watch",
    "docusaurus build",
    "vitepress build docs",
    "storybook build",
    "expo export",
    "nest build --watch",
    "hugo",
    "jekyll build --watch",
    "php script.php",
    "python manage.py migrate",
    "flask db upgrade",
    "go build ./...",
    "nx build shop",
    "tsc --watch",
    "tailwindcss -i in.css -o out.css --watch",
  ])("that serves nothing is passed over: %s", async (dev) => {
    await using project = await tempProject({ "package.json": { scripts: { dev, start: "node server.js" } } });
    const plan = await project.resolve();
    expect([plan.framework, commandOf(plan)]).toEqual(["node", "npm run start"]);
  });
});

/** Scripts in which the author fixes a port, a host or a browser; with what is run for port 4000. */
const pinned: readonly [string, string, readonly string[], string][] = [
  // the last of two wins
  ["vite", "vite --port 3000 --open", ["vite"], `vite --port 3000 --open ${vite}`],
  ["next", "next dev -p 3000", ["next"], "next dev -p 3000 -p 4000"],
  ["next", "next dev -H 127.0.0.1", ["next"], "next dev -H 127.0.0.1 -H 0.0.0.0"],
  ["nuxt", "nuxt dev --port 3000", ["nuxt"], `nuxt dev --port 3000 ${hostPort}`],
  [
    "webpack",
    "webpack serve --open --port 3000",
    ["webpack-cli"],
    `webpack serve --open --port 3000 ${hostPort} --no-open`,
  ],
  ["parcel", "parcel a.html -p 3000", ["parcel"], "parcel a.html -p 3000 --port 4000"],
  [
    "vue-cli",
    "vue-cli-service serve --port 3000",
    ["@vue/cli-service"],
    "vue-cli-service serve --port 3000 --port 4000",
  ],
  // two would crash it, or both be ignored
  ["rsbuild", "rsbuild dev --port 3000 --open", ["@rsbuild/core"], `rsbuild dev ${hostPort}`],
  ["astro", "astro dev --port=3000 --host", ["astro"], `astro dev ${hostPort}`],
  ["vitepress", "vitepress dev docs --port 3000", ["vitepress"], `vitepress dev docs ${vite}`],
  ["eleventy", "eleventy --serve --port=3000 --quiet", ["@11ty/eleventy"], "eleventy --serve --quiet --port=4000"],
  ["http-server", "http-server dist -p 3000 -c10 -o", ["http-server"], "http-server dist -c10 -a 0.0.0.0 -p 4000"],
  ["json-server", "json-server db.json -p 3001", ["json-server"], `json-server db.json ${hostPort}`],
  ["serve", "serve -s build -l 5000", ["serve"], "serve -s build -l 4000"],
  ["serve", "serve -l tcp://0.0.0.0:5000", ["serve"], "serve -l 4000"],
  // a browser would open, a second port be wanted
  ["angular", "ng serve --open --port 3000", ["@angular/cli"], `ng serve ${hostPort}`],
  ["gatsby", "gatsby develop -o", ["gatsby"], "gatsby develop -H 0.0.0.0 -p 4000"],
  ["rspack", "rspack serve --open", ["@rspack/cli"], `rspack serve ${hostPort}`],
  ["vue-cli", "vue-cli-service serve --open --public x.test", ["@vue/cli-service"], "vue-cli-service serve"],
  // the environment alone carries it
  ["create-react-app", "PORT=3000 react-scripts start", ["react-scripts"], "PORT=4000 react-scripts start"],
  ["create-react-app", "cross-env PORT=3000 craco start", ["react-scripts"], "cross-env PORT=4000 craco start"],
  ["next", "PORT=3000 next dev", ["next"], "PORT=3000 next dev -p 4000"],
  ["angular", "PORT=3000 ng serve", ["@angular/cli"], `PORT=4000 ng serve ${hostPort}`],
  ["express", "PORT=3000 node server.js", ["express"], "PORT=4000 node server.js"],
  ["express", "PORT=$PORT node server.js", ["express"], "npm run dev"],
  ["express", "PORT=${PORT:-3000} node server.js", ["express"], "npm run dev"],
  ["deno", "deno serve --port=9000 main.ts", [], "deno serve --host 0.0.0.0 --port 4000 main.ts"],
  ["deno", "deno serve --port 9000 main.ts --port 1", [], "deno serve --host 0.0.0.0 --port 4000 main.ts"],
  // positional addresses
  ["django", "python manage.py runserver 127.0.0.1:8001", [], "python manage.py runserver 0.0.0.0:4000"],
  ["django", "python manage.py runserver 8001 --noreload", [], "python manage.py runserver --noreload 0.0.0.0:4000"],
  ["php", "php -S localhost:8000 -t public", [], "php -S 0.0.0.0:4000 -t public"],
  // behind the router it would be the router's
  ["php", "php -S localhost:8000 -t public router.php", [], "php -S 0.0.0.0:4000 -t public router.php"],
  ["php", "php -d display_errors=1 -S :8000 router.php", [], "php -d display_errors=1 -S 0.0.0.0:4000 router.php"],
  ["php", "php -S 0.0.0.0:$PORT router.php", [], "npm run dev"],
  ["http.server", "python3 -m http.server 8000 -d site", [], "python3 -m http.server -d site --bind 0.0.0.0 4000"],
  ["http.server", "python3 -m http.server $PORT", [], "npm run dev -- --bind 0.0.0.0"],
];

describe("what a script fixes itself", () => {
  it.each(pinned)("gives way to our port in %s: %s", async (framework, dev, packages, command) => {
    const plan = await planned(scripted(dev, ...packages));
    expect([plan.framework, commandOf(plan)]).toEqual([framework, command]);
    expect(plan.wantedPort).toBeUndefined();
  });
});

/** A project without a script: what shows it, its framework, its command and its name. */
const shown: readonly [string, Files, string, string][] = [
  ["vite", { ...bare("vite"), "index.html": "" }, `vite ${vite}`, "web"],
  ["sveltekit", bare("vite", "@sveltejs/kit"), `vite dev ${vite}`, "web"],
  ["react-router", bare("@react-router/dev"), `react-router dev ${vite}`, "web"],
  ["next", bare("next", "react"), "next dev", "web"],
  ["nuxt", bare("nuxt"), `nuxt dev ${hostPort}`, "web"],
  ["astro", bare("astro"), `astro dev ${hostPort}`, "web"],
  ["angular", { ...bare("@angular/cli"), "angular.json": {} }, `ng serve ${hostPort}`, "web"],
  ["webpack", bare("webpack-dev-server", "webpack-cli"), `webpack serve ${hostPort} --no-open`, "web"],
  ["rsbuild", bare("@rsbuild/core"), `rsbuild dev ${hostPort}`, "web"],
  ["parcel", { ...bare("parcel"), "src/index.html": "" }, "parcel src/index.html", "web"],
  ["create-react-app", bare("react-scripts"), "react-scripts start", "web"],
  ["vitepress", { ...bare("vitepress"), "docs/.vitepress/config.ts": "" }, `vitepress dev docs ${vite}`, "docs"],
  ["docusaurus", bare("@docusaurus/core"), `docusaurus start ${hostPort} --no-open`, "docs"],
  [
    "storybook",
    { ...bare("storybook"), ".storybook/main.ts": "" },
    "storybook dev --host 0.0.0.0 -p 4000 --exact-port --ci",
    "docs",
  ],
  ["nest", bare("@nestjs/cli"), "nest start --watch", "api"],
  ["express", { ...bare("express"), "server.js": "app.listen(3000)" }, "node --watch server.js", "api"],
  ["node", { "index.mjs": "createServer(f).listen(1)" }, "node --watch index.mjs", "api"],
  ["hono", { ...bare("hono", "tsx"), "src/index.ts": "serve({ fetch })" }, "tsx watch src/index.ts", "api"],
  ["bun", { "index.ts": "Bun.serve({})" }, "bun --watch index.ts", "api"],
  ["bun-html", { "index.html": "", "bun.lock": "" }, "bun ./index.html --host=0.0.0.0 --port=4000", "web"],
  ["deno", { "main.ts": "Deno.serve(f)" }, "deno run --allow-all --watch main.ts", "api"],
  [
    "deno",
    { "deno.json": "{}", "main.ts": "export default {\n  fetch(request) {} };" },
    `deno serve ${hostPort} --allow-all --watch main.ts`,
    "api",
  ],
  ["fastapi", { "main.py": "app = FastAPI()\n" }, `uvicorn main:app --reload ${hostPort}`, "api"],
  ["fastapi", { "app/main.py": "api: FastAPI = FastAPI()\n" }, `uvicorn app.main:api --reload ${hostPort}`, "api"],
  ["fastapi", { "app/__init__.py": "app = fastapi.FastAPI()\n" }, `uvicorn app:app --reload ${hostPort}`, "api"],
  ["flask", { "app.py": "app = Flask(__name__)\n" }, `FLASK_APP=app flask run ${hostPort}`, "web"],
  ["flask", { "src/app.py": "def create_app():\n" }, `FLASK_APP=src.app flask run ${hostPort}`, "web"],
  ["django", { "manage.py": "import django" }, "python3 manage.py runserver 0.0.0.0:4000", "web"],
  [
    "streamlit",
    { "app.py": "import streamlit as st\n" },
    "streamlit run app.py --server.address 0.0.0.0 --server.port 4000 --server.headless true",
    "web",
  ],
  ["rails", { "bin/rails": "#!", "config/application.rb": "" }, "bin/rails server -b 0.0.0.0 -p 4000", "web"],
  [
    "rails",
    { Gemfile: 'gem "rails"', "config/application.rb": "" },
    "bundle exec rails server -b 0.0.0.0 -p 4000",
    "web",
  ],
  ["rack", { "config.ru": "", Gemfile: "" }, "bundle exec rackup -o 0.0.0.0 -p 4000", "web"],
  ["jekyll", { "_config.yml": "", Gemfile: "gem 'jekyll'" }, `bundle exec jekyll serve ${hostPort}`, "web"],
  ["php", { "index.php": "" }, "php -S 0.0.0.0:4000", "web"],
  ["php", { "public/index.php": "" }, "php -S 0.0.0.0:4000 -t public", "web"],
  ["laravel", { artisan: "", "public/index.php": "" }, "php artisan serve --host=0.0.0.0 --port=4000", "web"],
  ["go", { "main.go": "http.ListenAndServe(a, nil)", "go.mod": "" }, "go run .", "api"],
  ["go", { "cmd/server/main.go": "http.ListenAndServe(a, nil)" }, "go run ./cmd/server", "api"],
  ["hugo", { "hugo.toml": "" }, "hugo server --bind 0.0.0.0 --port 4000 --baseURL / --appendPort=false", "web"],
  [
    "hugo",
    { "config.toml": "", "content/a.md": "" },
    "hugo server --bind 0.0.0.0 --port 4000 --baseURL / --appendPort=false",
    "web",
  ],
];

function bare(...packages: string[]): Files {
  return {
    "package.json": { dependencies: Object.fromEntries(packages.map((name) => [name, "*"])) },
    "node_modules/": "",
  };
}

describe("a project without a dev command", () => {
  it.each(shown)("that shows %s is launched as such: %j", async (framework, files, command, name) => {
    const plan = await planned(files);
    expect([plan.framework, commandOf(plan), plan.name]).toEqual([framework, command, name]);
    expect(plan).toMatchObject({ source: "files", hostMode: "local", readyPath: "/" });
    expect(plan.problems.filter(({ code }) => code !== "dependencies_missing")).toEqual([]);
  });

  it.each<[string, Files]>([
    ["a library that is built with Vite", { ...bare("vite"), "vite.config.ts": "" }],
    ["a module that listens to events", { "index.js": "emitter.on('x')" }],
    ["a Python script", { "main.py": "print('FastAPI()')" }],
    ["a manage.py of something else", { "manage.py": "import cmd" }],
    ["a Go program that serves nothing", { "main.go": "package main" }],
    ["settings called config.toml", { "config.toml": "" }],
    ["settings called _config.yml", { "_config.yml": "" }],
    ["a config.ru that is a folder", { "config.ru.d/": "" }],
  ])("that shows nothing but %s is not guessed at", async (_, files) => {
    expect(await planned(files)).toMatchObject({ source: "default", problems: [{ code: "no_dev_command" }] });
  });

  it("is a folder of pages, served by a program of ours that lists no directory", async () => {
    const plan = await planned({ "index.html": "<p>" });
    expect(plan).toMatchObject({ framework: "static", source: "files", name: "web", problems: [] });
    expect(plan.render(4000).command).toMatch(/^exec \S*node \S*serve-static\.js \. --host 0\.0\.0\.0 --port 4000$/);
    const below = await planned({ "public/index.html": "<p>" });
    expect(below.render(4000).command).toContain("serve-static.js public ");
  });
});

describe("what the environment says to a server", () => {
  it.each<[string, Files, Record<string, string>]>([
    ["create-react-app", bare("react-scripts"), { WDS_SOCKET_PORT: "0", DANGEROUSLY_DISABLE_HOST_CHECK: "true" }],
    ["vue-cli", bare("@vue/cli-service"), { CODESANDBOX_SSE: "1" }],
    ["next", bare("next"), { NEXT_IGNORE_INCORRECT_LOCKFILE: "1" }],
    ["gatsby", bare("gatsby"), { GATSBY_HOST: "0.0.0.0" }],
    ["deno", { "main.ts": "Deno.serve(f)" }, { DENO_SERVE_ADDRESS: "tcp:0.0.0.0:4000" }],
    ["fastapi", { "main.py": "app = FastAPI()" }, { UVICORN_HOST: "0.0.0.0", UVICORN_PORT: "4000" }],
    [
      "flask",
      { "app.py": "app = Flask(1)" },
      { FLASK_RUN_HOST: "0.0.0.0", FLASK_RUN_PORT: "4000", FLASK_DEBUG: "1", FLASK_RUN_DEBUG: "1" },
    ],
    ["streamlit", { "app.py": "import streamlit as st\n" }, { STREAMLIT_SERVER_RUN_ON_SAVE: "true" }],
    [
      "rails",
      { "bin/rails": "#!", "config/application.rb": "" },
      {
        BINDING: "0.0.0.0",
        RAILS_DEVELOPMENT_HOSTS: ".preview.example.com",
        PIDFILE: "tmp/pids/dev-preview-4000.pid",
      },
    ],
    ["fastify", scripted("fastify start app.js", "fastify-cli"), { FASTIFY_PORT: "4000", FASTIFY_ADDRESS: "0.0.0.0" }],
    ["nx", scripted("nx serve shop", "nx"), { NX_DAEMON: "false", NX_TUI: "false" }],
  ])("is all that %s needs", async (framework, files, env) => {
    const plan = await planned(files);
    expect(plan.framework).toBe(framework);
    expect(plan.render(4000).env).toMatchObject(env);
  });

  it("is everything at once for a command that nobody can read, and only its own for one that is known", async () => {
    const { env } = (await planned(scripted("make dev"))).render(4000);
    expect(env).toMatchObject({ UVICORN_PORT: "4000", FLASK_RUN_PORT: "4000", NUXT_PORT: "4000" });
    const known = (await planned(scripted("vite", "vite"))).render(4000);
    for (const name of ["UVICORN_PORT", "FLASK_RUN_PORT", "CODESANDBOX_SSE"])
      expect(known.env).not.toHaveProperty(name);
  });

  it("never names CI or NODE_ENV", () => {
    for (const { env } of recipes) {
      expect(env).not.toHaveProperty("CI");
      expect(env).not.toHaveProperty("NODE_ENV");
    }
  });
});

describe("hot reload that dials the dev port", () => {
  it.each([
    ["webpack serve", "webpack-cli", true],
    ["rspack dev", "@rspack/cli", true],
    ["vue-cli-service serve", "@vue/cli-service", true],
    ["storybook dev", "storybook", true],
    ["make dev", "webpack-dev-server", true],
    ["vite", "vite", false],
    ["next dev", "next", false],
    ["react-scripts start", "react-scripts", false],
    ["rsbuild dev", "@rsbuild/core", false],
    ["make dev", "left-pad", false],
  ])("asks for the gateway's script in %s (%s): %s", async (dev, dependency, socketScript) => {
    expect((await planned(scripted(dev, dependency))).socketScript).toBe(socketScript);
  });

  it("also asks for it from a server with Vite inside, which opens a second port", async () => {
    const plan = await planned({
      ...scripted("node server.js", "express", "vite"),
      "server.js": "await createServer({ server: { middlewareMode: true } })",
    });
    expect(plan).toMatchObject({
      framework: "vite-middleware",
      socketScript: true,
      secondPorts: [24_678],
      name: "web",
    });
    const around = await planned({
      ...scripted("tsx server/index.ts", "express", "vite"),
      "server/index.ts": "import { setup } from './vite'",
      "server/vite.ts": "middlewareMode: true",
    });
    expect(around.framework).toBe("vite-middleware");
    const apart = await planned({ ...scripted("node server.js", "express", "vite"), "server.js": "app.listen(1)" });
    expect(apart).toMatchObject({ framework: "express", socketScript: false, name: "api" });
  });
});

describe("a command that needs arguments and lets none through", () => {
  it.each([
    ["`which vite`", "vite"],
    ["./scripts/dev.sh", "vite"],
    ["vite $(cat flags)", "vite"],
    ["make dev", "astro"],
  ])("says so: %s with %s", async (dev, dependency) => {
    const plan = await planned({ ...scripted(dev, dependency), "index.html": "" });
    expect(plan.problems).toMatchObject([
      { code: "port_not_passed", message: expect.stringContaining(`${dependency} reads its port from its arguments`) },
    ]);
  });

  it.each([
    ["`which next` dev", "next"],
    ["./scripts/dev.sh", "express"],
    ["make dev", "left-pad"],
  ])("does not say so where the environment is enough: %s with %s", async (dev, dependency) => {
    expect((await planned(scripted(dev, dependency))).problems).toEqual([]);
  });
});

describe("a command that fixes a port and lets no other through", () => {
  it("says so", async () => {
    const project = { ...scripted("sh dev.sh", "next"), "node_modules/.bin/next": "" };
    const plan = await planned({ ...project, "dev.sh": "next dev -p 3000" });
    expect(plan.problems).toMatchObject([
      { code: "port_not_passed", message: expect.stringContaining("fixes port 3000 and lets no other through") },
    ]);
    const plain = await planned({ ...project, "dev.sh": "next dev" });
    expect(plain).toMatchObject({ framework: "next", problems: [] });
  });
});

describe("the list of recipes", () => {
  it("describes each argument so that it can be printed and recognised", () => {
    for (const recipe of recipes) {
      expect(recipe.commands.length).toBeGreaterThan(0);
      for (const argument of recipe.arguments) {
        if (argument.kind === "flag") for (const name of argument.names) expect(name).toMatch(/^--?[A-Za-z][\w.-]*$/);
      }
    }
  });

  it("lets a server that is bound by its environment name the variable", () => {
    for (const { framework, arguments: known, variable, env } of recipes) {
      const carried = known.some((argument) => "value" in argument && argument.value?.includes("{port}"));
      const byEnv = variable !== undefined || Object.values(env).some((value) => value.includes("{port}"));
      expect(carried || byEnv, framework).toBe(true);
    }
  });
});
