import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { LaunchPlan, LaunchQuestion } from "../../src/recipe/launch-plan.ts";
import { tempProject } from "./temp-project.ts";

type Files = Record<string, unknown>;

async function planned(files: Files, request?: LaunchQuestion["request"]): Promise<LaunchPlan> {
  await using project = await tempProject(files);
  return await project.resolve(request);
}

function commandOf(plan: LaunchPlan): string {
  return plan.render(4000).command.replaceAll(/PATH="[^"]*:\$PATH" /g, "");
}

const vite = { scripts: { dev: "vite", api: "node api.js" }, dependencies: { vite: "*" } };
const flags = "--host 0.0.0.0 --port 4000 --strictPort";

/** One of everything that says how a project is launched, in the order in which they count. */
const everything: readonly [LaunchPlan["source"], string, unknown, string][] = [
  ["dev-preview.json", "dev-preview.json", { command: "from-file" }, "from-file"],
  [
    ".claude/launch.json",
    ".claude/launch.json",
    { configurations: [{ name: "a", runtimeExecutable: "from-claude" }] },
    "from-claude",
  ],
  ["script", "package.json", { scripts: { dev: "next dev" } }, "next dev"],
  ["Procfile.dev", "Procfile.dev", "web: from-procfile-dev", "from-procfile-dev"],
  [
    ".vscode/launch.json",
    ".vscode/launch.json",
    { configurations: [{ name: "a", type: "node", request: "launch", program: "server.js" }] },
    "node server.js",
  ],
  ["files", "hugo.toml", "", "hugo server --bind 0.0.0.0 --port 4000 --baseURL / --appendPort=false"],
  ["Procfile", "Procfile", "release: migrate\nweb: from-procfile\nworker: work", "from-procfile"],
];

describe("of several definitions", () => {
  it.each(everything.map((each, index) => [each[0], index, each] as const))(
    "%s counts before those below it",
    async (source, index, [, , , command]) => {
      const files = Object.fromEntries(everything.slice(index).map(([, path, content]) => [path, content]));
      const plan = await planned(files);
      expect([plan.source, commandOf(plan)]).toEqual([source, command]);
    },
  );

  it("the caller's command counts before all", async () => {
    const files = Object.fromEntries(everything.map(([, path, content]) => [path, content]));
    expect(await planned(files, { command: "mine" })).toMatchObject({ source: "argument" });
  });
});

describe(".claude/launch.json", () => {
  const launch = (...configurations: unknown[]): Files => ({
    "package.json": vite,
    ".claude/launch.json": { version: "0.0.1", configurations },
  });

  it.each<[Files, string]>([
    [{ runtimeExecutable: "npm", runtimeArgs: ["run", "dev"] }, `npm run dev -- ${flags}`],
    [
      { runtimeExecutable: "npm", runtimeArgs: ["run", "dev", "--", "--port", "5188"] },
      `npm run dev -- --port 5188 ${flags}`,
    ],
    [
      { runtimeExecutable: "python3", runtimeArgs: ["-m", "http.server", "8000"] },
      "python3 -m http.server --bind 0.0.0.0 4000",
    ],
    [{ program: "server.js", args: ["--inspect"] }, "node server.js --inspect"],
    [{ runtimeExecutable: "node", program: "my server.js" }, "node 'my server.js'"],
    [{ runtimeExecutable: "bash", runtimeArgs: ["-c", "vite | tee log"] }, `bash -c 'vite ${flags} | tee log'`],
  ])("gives the command %j", async (configuration, command) => {
    const plan = await planned(launch({ name: "x", ...configuration }));
    expect([plan.source, commandOf(plan)]).toEqual([".claude/launch.json", command]);
  });

  it("may have comments, and configurations that are not ours to start", async () => {
    const text =
      '{ // servers\n "configurations": [{"name":"r","url":"https://x.test"}, {"name":"w","program":"a.js",},] }';
    expect(commandOf(await planned({ ".claude/launch.json": text }))).toBe("node a.js");
  });

  it.each(["{", "[]", '{"configurations": {}}', '{"configurations": [1, {"name": "n"}]}', '{"configurations": []}'])(
    "that says nothing is passed over: %s",
    async (text) => {
      expect(await planned({ "package.json": vite, ".claude/launch.json": text })).toMatchObject({ source: "script" });
    },
  );

  it("names a directory and an environment", async () => {
    await using project = await tempProject({
      ...launch({
        name: "docs",
        runtimeExecutable: "npm",
        runtimeArgs: ["run", "dev"],
        cwd: "${workspaceFolder}/apps/docs",
        env: { A: "b", N: 1 },
      }),
      "apps/docs/package.json": { scripts: { dev: "vite" } },
    });
    const plan = await project.resolve();
    expect(plan.repoDir).toBe(join(project.root, "apps/docs"));
    expect(plan.render(4000).env).toMatchObject({ A: "b", N: "1" });
    // the same configuration counts for a caller who names that directory, and no other
    expect(await project.resolve({ repoDir: "apps/docs" })).toMatchObject({ source: ".claude/launch.json" });
    expect(await project.resolve({ repoDir: "." })).toMatchObject({ source: "script" });
  });

  it.each(["gone", "../outside", "/etc", "${fileDirname}"])("for the directory %s is passed over", async (cwd) => {
    expect(await planned(launch({ name: "x", program: "a.js", cwd }))).toMatchObject({ source: "script" });
  });

  it("fixes a port only where autoPort is false: otherwise it is a default that worktrees share", async () => {
    const port = async (extra: Files) =>
      (await planned(launch({ name: "x", program: "a.js", port: 3000, ...extra }))).wantedPort;
    expect(await port({ autoPort: false })).toBe(3000);
    expect(await port({ autoPort: true })).toBeUndefined();
    expect(await port({})).toBeUndefined();
  });

  it("is chosen among by the preview's name, else the first front end counts", async () => {
    const files = launch(
      { name: "API", runtimeExecutable: "npm", runtimeArgs: ["run", "api"] },
      { name: "Front End", runtimeExecutable: "npm", runtimeArgs: ["run", "dev"] },
      { name: "other", program: "other.js" },
    );
    expect(commandOf(await planned(files))).toMatch(/^npm run dev /);
    expect(commandOf(await planned(files, { name: "api" }))).toBe("npm run api");
    expect(commandOf(await planned(files, { name: "front-end" }))).toMatch(/^npm run dev /);
    expect(await planned(files, { name: "unheard-of" })).toMatchObject({ source: "script" });
  });
});

describe(".vscode/launch.json", () => {
  const launch = (...configurations: Files[]): Files => ({
    ".vscode/launch.json": {
      configurations: configurations.map((each) => ({ name: "x", request: "launch", ...each })),
    },
  });

  it.each<[Files, string]>([
    [{ type: "node", program: "${workspaceFolder}/server.js", args: ["-v"] }, "node server.js -v"],
    [{ type: "node-terminal", command: "npx vite" }, `npx vite ${flags}`],
    [{ type: "pwa-node", runtimeExecutable: "npx", runtimeArgs: ["vite"] }, `npx vite ${flags}`],
    [
      { type: "debugpy", module: "uvicorn", args: ["main:app"] },
      "python3 -m uvicorn main:app --host 0.0.0.0 --port 4000",
    ],
    [
      { type: "python", program: "${workspaceFolder}/manage.py", args: ["runserver"], django: true },
      "python3 manage.py runserver 0.0.0.0:4000",
    ],
  ])("gives the command of a server: %j", async (configuration, command) => {
    const plan = await planned(launch({ type: "chrome", url: "http://localhost:3000" }, configuration));
    expect([plan.source, commandOf(plan)]).toEqual([".vscode/launch.json", command]);
  });

  it.each<Files>([
    { type: "node", program: "${file}" },
    { type: "node", request: "attach", program: "server.js" },
    { type: "node-terminal", command: "npm test" },
    { type: "chrome", url: "http://localhost:3000" },
    { type: "python", program: "manage.py", args: ["test"] },
  ])("is passed over where it serves nothing: %j", async (configuration) => {
    expect(await planned(launch(configuration))).toMatchObject({ source: "default" });
  });
});

describe("a Procfile", () => {
  it("runs what watches beside its web line, and neither workers nor other servers", async () => {
    const plan = await planned({
      "bin/rails": "#!",
      "package.json": { scripts: { build: "esbuild app.js" } },
      "Procfile.dev":
        "web: bin/rails server -p 3000\ncss: bin/rails tailwindcss:watch\njs: yarn build --watch\nworker: sidekiq\n",
    });
    expect(plan).toMatchObject({ source: "Procfile.dev", framework: "rails", name: "web" });
    expect(commandOf(plan)).toBe(
      "bin/rails tailwindcss:watch & yarn build --watch & bin/rails server -p 3000 -b 0.0.0.0 -p 4000",
    );
  });

  it("leaves PORT to a line that reads it", async () => {
    const plan = await planned({ "Procfile.dev": "web: bundle exec rails s -p ${PORT:-3000}" });
    expect(commandOf(plan)).toBe("bundle exec rails s -p ${PORT:-3000} -b 0.0.0.0");
  });

  it("is chosen from by the preview's name", async () => {
    const files = { "Procfile.dev": "web: bin/rails s\napi: node api.js\n# comment: x\n" };
    expect(commandOf(await planned(files, { name: "api" }))).toBe("node api.js");
    expect(await planned(files, { name: "docs" })).toMatchObject({ source: "default" });
  });

  it("without a web line says nothing", async () => {
    expect(await planned({ Procfile: "worker: sidekiq", "Procfile.dev": "" })).toMatchObject({ source: "default" });
  });
});

describe("a script", () => {
  it.each<[Record<string, string>, string]>([
    [{ start: "node server.js", dev: "tsc --watch" }, "npm run start"],
    [{ start: "nest start", "start:dev": "nest start --watch" }, "nest start --watch"],
    [{ develop: "gatsby develop", start: "node x.js" }, "npm run develop"],
    [{ storybook: "storybook dev -p 6006" }, "storybook dev -p 6006 --host 0.0.0.0 -p 4000 --exact-port --ci"],
    [{ "docs:dev": "vitepress dev docs" }, `vitepress dev docs ${flags}`],
    [{ dev: "./start.sh", start: "vite" }, "npm run dev"],
  ])("is chosen by what it does: %j", async (scripts, command) => {
    expect(commandOf(await planned({ "package.json": { scripts, dependencies: { gatsbyjs: "*" } } }))).toContain(
      command.replace("npm run develop", "gatsby develop"),
    );
  });

  it("is chosen by the preview's name where it serves", async () => {
    const scripts = { dev: "vite", "dev:api": "node api.js", docs: "vitepress dev", test: "vitest" };
    const of = async (name: string) => commandOf(await planned({ "package.json": { scripts } }, { name }));
    expect(await of("api")).toBe("npm run dev:api");
    expect(await of("docs")).toBe(`vitepress dev ${flags}`);
    // what is only called so, and nothing at all
    expect(await of("test")).toBe(`vite ${flags}`);
    expect(await of("admin")).toBe(`vite ${flags}`);
  });

  it("of deno.json is a task", async () => {
    const plan = await planned({ "deno.json": { tasks: { dev: "deno run -A --watch main.ts" } } });
    expect(plan).toMatchObject({ source: "script", framework: "deno" });
    expect(commandOf(plan)).toBe("deno task dev");
  });

  it("called like a property of every object is none", async () => {
    expect(await planned({ "package.json": { scripts: {} } }, { name: "constructor" })).toMatchObject({
      source: "default",
    });
  });
});

describe("a Python program", () => {
  const main = { "main.py": "app = FastAPI()\n" };
  const serve = "uvicorn main:app --reload --host 0.0.0.0 --port 4000";

  it.each<[string, Files, string]>([
    ["a virtualenv", { ".venv/bin/python": "#!" }, `PATH="$PWD/.venv/bin:$PATH" ${serve}`],
    ["another virtualenv", { "venv/bin/python": "#!" }, `PATH="$PWD/venv/bin:$PATH" ${serve}`],
    ["a virtualenv before a lock", { ".venv/bin/python": "#!", "uv.lock": "" }, `PATH="$PWD/.venv/bin:$PATH" ${serve}`],
    ["uv", { "uv.lock": "" }, `uv run --frozen ${serve}`],
    ["Poetry", { "poetry.lock": "" }, `poetry run ${serve}`],
    ["Pipenv", { "Pipfile.lock": "" }, `pipenv run ${serve}`],
    ["nothing", {}, serve],
  ])("is run in the environment of %s", async (_, files, command) => {
    expect((await planned({ ...main, ...files })).render(4000).command).toBe(command);
  });

  it("keeps an assignment in front, and an environment that it names itself", async () => {
    const flask = { "app.py": "app = Flask(1)", "uv.lock": "" };
    expect((await planned(flask)).render(4000).command).toBe(
      "FLASK_APP=app uv run --frozen flask run --host 0.0.0.0 --port 4000",
    );
    for (const command of ["uv run flask run", ".venv/bin/flask run", "poetry run flask run"])
      expect((await planned(flask, { command })).render(4000).command).toMatch(new RegExp(`^${command} `));
  });

  it("is looked for in the environment of a folder above", async () => {
    const plan = await planned({ "api/main.py": "app = FastAPI()", ".venv/bin/python": "#!" }, { repoDir: "api" });
    expect(plan.render(4000).command).toBe(`PATH="$PWD/../.venv/bin:$PATH" ${serve}`);
  });
});

describe("packages of Composer", () => {
  it("are installed by their lock file, with npm's where the page needs those", async () => {
    const laravel = { artisan: "", "composer.json": {}, "composer.lock": {} };
    expect((await planned(laravel)).install).toEqual({
      command: "composer install --no-interaction",
      packageManager: "composer",
    });
    const front = {
      ...laravel,
      "package.json": { scripts: { dev: "vite" }, devDependencies: { "laravel-vite-plugin": "*" } },
      "package-lock.json": {},
    };
    const plan = await planned(front);
    expect(plan).toMatchObject({ framework: "laravel", name: "web", secondPorts: [5173] });
    expect(plan.render(4000).command).toBe("unset PORT; npm run dev & php artisan serve --host=0.0.0.0 --port=4000");
    expect(plan.install?.command).toMatch(/^npm ci .* && composer install --no-interaction$/);
    expect((await planned({ ...laravel, "vendor/": "" })).install).toBeUndefined();
  });

  it("alone are installed where the server is PHP's, whatever package.json holds", async () => {
    const files = { "index.php": "", "package.json": { devDependencies: { prettier: "*" } }, "package-lock.json": {} };
    expect(await planned(files)).toMatchObject({ framework: "php", problems: [] });
    expect((await planned(files)).install).toBeUndefined();
  });
});
