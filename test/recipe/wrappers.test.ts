import { describe, expect, it } from "vitest";
import { readLine } from "./read-line.ts";

const flags = "--host 0.0.0.0 --port 4000 --strictPort";
const path = 'PATH="$PWD/node_modules/.bin:$PATH"';

type Scripts = Readonly<Record<string, string>>;

function project(scripts: Scripts = {}, ...packages: string[]): Readonly<Record<string, unknown>> {
  const dependencies = Object.fromEntries(packages.map((name) => [name, "*"]));
  return { "package.json": { scripts, dependencies } };
}

async function rendered(line: string, contents: Readonly<Record<string, unknown>> = {}): Promise<string> {
  return (await readLine(line, contents)).render(4000);
}

describe("a server behind a wrapper", () => {
  it.each([
    ["cross-env A=b vite", `cross-env A=b vite ${flags}`],
    ["cross-env-shell A=b 'vite'", `cross-env-shell A=b 'vite ${flags}'`],
    ["env -u X A=b vite", `env -u X A=b vite ${flags}`],
    ["dotenv -- vite", `dotenv -- vite ${flags}`],
    ["dotenv -e .env.local -- vite", `dotenv -e .env.local -- vite ${flags}`],
    // without its own --, dotenv reads the flags
    ["dotenv -e .env.local vite", `dotenv -e .env.local -- vite ${flags}`],
    ["dotenvx run -- vite", `dotenvx run -- vite ${flags}`],
    ["dotenvx run -f .env.local -- vite", `dotenvx run -f .env.local -- vite ${flags}`],
    ["env-cmd -f .env.dev vite", `env-cmd -f .env.dev vite ${flags}`],
    ["doppler run -- vite", `doppler run -- vite ${flags}`],
    ["infisical run --env=dev -- vite", `infisical run --env=dev -- vite ${flags}`],
    ["npx --no-install vite", `npx --no-install vite ${flags}`],
    ["npx -p vite vite", `npx -p vite vite ${flags}`],
    ["npm exec -- vite", `npm exec -- vite ${flags}`],
    // without a --, npm reads the flags
    ["npm exec vite", `npm exec -- vite ${flags}`],
    ["npm x -p vite vite", `npm x -p vite -- vite ${flags}`],
    ["pnpm exec vite", `pnpm exec vite ${flags}`],
    ["pnpm vite", `pnpm vite ${flags}`],
    ["yarn vite", `yarn vite ${flags}`],
    ["yarn run vite", `yarn run vite ${flags}`],
    ["bunx vite@latest", `bunx vite@latest ${flags}`],
    ["bun --bun run vite", `bun --bun run vite ${flags}`],
    ["bunx --bun vite", `bunx --bun vite ${flags}`],
    ["node node_modules/.bin/vite", `node node_modules/.bin/vite ${flags}`],
    ["node --inspect ./node_modules/vite/bin/vite.js", `node --inspect ./node_modules/vite/bin/vite.js ${flags}`],
    ["deno run -A npm:vite", `deno run -A npm:vite ${flags}`],
    ["sh -c 'vite'", `sh -c 'vite ${flags}'`],
    ['bash -lc "nvm use && vite"', `bash -lc 'nvm use && vite ${flags}'`],
    ["nice -n 10 vite", `nice -n 10 vite ${flags}`],
    ["cross-env A=1 dotenv -- npx vite", `cross-env A=1 dotenv -- npx vite ${flags}`],
  ])("gets its arguments: %s", async (line, expected) => {
    expect(await rendered(line)).toBe(expected);
  });

  it.each([
    ["uv run uvicorn main:app", "uv run uvicorn main:app --host 0.0.0.0 --port 4000"],
    ["uv run --with x fastapi dev", "uv run --with x fastapi dev --host 0.0.0.0 --port 4000"],
    ["poetry run flask run", "poetry run flask run --host 0.0.0.0 --port 4000"],
    ["pipenv run python manage.py runserver", "pipenv run python manage.py runserver 0.0.0.0:4000"],
    ["python3.12 -m uvicorn main:app", "python3.12 -m uvicorn main:app --host 0.0.0.0 --port 4000"],
    [".venv/bin/python -m flask run", ".venv/bin/python -m flask run --host 0.0.0.0 --port 4000"],
    ["./manage.py runserver", "./manage.py runserver 0.0.0.0:4000"],
    ["gunicorn app:app", "gunicorn app:app"],
    ["gunicorn -b 127.0.0.1:8000 app:app", "gunicorn -b 127.0.0.1:8000 app:app --bind 0.0.0.0:4000"],
    ["bundle exec rails s", "bundle exec rails s -b 0.0.0.0 -p 4000"],
    ["bin/rails server -p 3001", "bin/rails server -p 3001 -b 0.0.0.0 -p 4000"],
    ["ruby bin/rails s", "ruby bin/rails s -b 0.0.0.0 -p 4000"],
    ["bundle exec puma -b tcp://0.0.0.0:9292", "bundle exec puma -p 4000"],
    ["bundle exec jekyll serve --livereload", "bundle exec jekyll serve --host 0.0.0.0 --port 4000"],
    ["php artisan serve --port=8001", "php artisan serve --port=8001 --host=0.0.0.0 --port=4000"],
    ["hugo server -D", "hugo server -D --bind 0.0.0.0 --port 4000 --baseURL / --appendPort=false"],
  ])("of another language gets them too: %s", async (line, expected) => {
    expect(await rendered(line)).toBe(expected);
  });

  it.each(["echo -- vite", "dotenv --help", "npx", "uv run", "sh dev.sh", "make dev", "unknown-wrapper vite"])(
    "is not seen where there is none: %s",
    async (line) => {
      expect(await rendered(line)).toBe(line);
    },
  );
});

describe("a server that a watcher starts again and again", () => {
  it.each([
    ["nodemon --exec vite", `nodemon --exec 'vite ${flags}'`],
    ['nodemon -w vite.config.js -x "vite dev"', `nodemon -w vite.config.js -x 'vite dev ${flags}'`],
    ["cross-env A=1 nodemon --exec vite", `cross-env A=1 nodemon --exec 'vite ${flags}'`],
    ['tsup --watch --onSuccess "vite"', `tsup --watch --onSuccess 'vite ${flags}'`],
    ['tsup --watch --onSuccess="vite"', `tsup --watch '--onSuccess=vite ${flags}'`],
    ['tsc-watch --onSuccess "vite"', `tsc-watch --onSuccess 'vite ${flags}'`],
    ['tsdown --watch --on-success "vite"', `tsdown --watch --on-success 'vite ${flags}'`],
  ])("gets its arguments: %s", async (line, expected) => {
    expect(await rendered(line)).toBe(expected);
  });

  it.each([
    ["nodemon server.js", "node"],
    ['nodemon --exec "ts-node" src/server.ts', "node"],
    ['nodemon --exec "node --inspect server.js"', "node"],
    ['tsup --watch --onSuccess "node dist/index.js"', "node"],
    ["nodemon --exec 'PORT=3000 node server.js'", "node"],
  ])("is known: %s", async (line, framework) => {
    expect(await readLine(line)).toMatchObject({ recipe: { framework }, kind: "server", unpassed: false });
  });

  it("gets our port where its own line fixes another", async () => {
    expect(await rendered("nodemon --exec 'PORT=3000 node server.js'")).toBe(
      "nodemon --exec 'PORT=4000 node server.js'",
    );
  });

  it.each(["tsup --watch", "tsc-watch", "tsdown --watch --on-success 'tsc --noEmit'"])(
    "is not seen where only something is built: %s",
    async (line) => {
      expect(await readLine(line)).toMatchObject({ kind: "tools" });
    },
  );
});

describe("a server that a shell file starts", () => {
  const files = (text: string) => ({ "scripts/dev.sh": text, "package.json": {} });

  it.each([
    ["./scripts/dev.sh", '#!/bin/sh\n\n# the server\nset -e\nexec vite "$@"\n', `./scripts/dev.sh ${flags}`],
    ["sh scripts/dev.sh", "vite $@\n", `sh scripts/dev.sh ${flags}`],
    ["bash -e ./scripts/dev.sh --open", 'tsc -b\nvite \\\n  "$@"', `bash -e ./scripts/dev.sh --open ${flags}`],
    [". scripts/dev.sh", 'vite "$@"', ". scripts/dev.sh"],
  ])("gets its arguments where the file hands them on: %s", async (line, text, expected) => {
    expect(await rendered(line, files(text))).toBe(expected);
  });

  it.each([
    ["vite", "vite", true],
    ["exec next dev -p 3000", "next", true],
    ["PORT=3000 next dev", "next", true],
    ["next dev", "next", false],
    ["exec node server.js", "node", false],
    ["PORT=3000 exec node server.js", "node", true],
    ['cd "$(dirname "$0")/.."\nfor each in a b; do\n  echo $each\ndone\nvite', "vite", true],
    ["npm run web", "vite", true],
  ])("is known, and that it gets none: %s", async (text, framework, unpassed) => {
    const contents = { ...files(text), "package.json": { scripts: { web: "vite" } } };
    const launch = await readLine("sh scripts/dev.sh", contents);
    expect(launch).toMatchObject({ recipe: { framework }, unpassed });
    expect(launch.render(4000)).toBe("sh scripts/dev.sh");
  });

  it.each([
    ["sh scripts/gone.sh", "vite"],
    ["sh ../dev.sh", "vite"],
    ["sh /scripts/dev.sh", "vite"],
    ["sh $FILE", "vite"],
    ["./scripts/dev.sh", "./scripts/dev.sh"],
    ["./scripts/dev.sh", "if true; then\n  vite\nfi"],
  ])("is not seen in %s: %s", async (line, text) => {
    const launch = await readLine(line, files(text));
    expect([launch.kind, launch.render(4000)]).toEqual(["unknown", line]);
  });
});

describe("servers side by side", () => {
  const scripts = {
    web: "vite",
    api: "node server.js",
    next: "next dev",
    css: "tailwindcss --watch",
    "dev:web": "vite",
  };
  const files = project(scripts);

  it.each([
    ['concurrently "vite" "node server.js"', `unset PORT; concurrently 'vite ${flags}' "node server.js"`],
    [
      'concurrently -n web,api -c blue,green "node server.js" "vite"',
      `unset PORT; concurrently -n web,api -c blue,green "node server.js" 'vite ${flags}'`,
    ],
    ['concurrently "npm run web" "npm run api"', `unset PORT; concurrently 'npm run web -- ${flags}' "npm run api"`],
    ["concurrently npm:web npm:api", `unset PORT; concurrently 'npm run web -- ${flags}' npm:api`],
    ['concurrently -k "npm:next" "npm:api"', "unset PORT; concurrently -k 'npm run next -- -p 4000' \"npm:api\""],
    ["concurrently 'npm:dev:*' npm:api", `unset PORT; concurrently 'npm run dev:web -- ${flags}' npm:api`],
    ["concurrently pnpm:web pnpm:api", `unset PORT; concurrently 'pnpm run web ${flags}' pnpm:api`],
    ["run-p web api", `unset PORT; run-p 'web -- ${flags}' api`],
    ["npm-run-all --parallel web api", `unset PORT; npm-run-all --parallel 'web -- ${flags}' api`],
    ["npm-run-all css -p dev:* api", `unset PORT; npm-run-all css -p 'dev:web -- ${flags}' api`],
    ["node server.js & vite", `unset PORT; node server.js & vite ${flags}`],
    ["vite & node server.js", `unset PORT; vite ${flags} & node server.js`],
    ["npm run api & npm run web", `unset PORT; npm run api & npm run web -- ${flags}`],
    // what serves nothing takes no port
    ['concurrently "tsc --watch" "vite"', `concurrently "tsc --watch" 'vite ${flags}'`],
    ["run-p css web", `run-p css 'web -- ${flags}'`],
    ["tailwindcss --watch & vite", `tailwindcss --watch & vite ${flags}`],
    ["run-s css web", `run-s css 'web -- ${flags}'`],
    ["wait-on tcp:5432 && vite", `wait-on tcp:5432 && vite ${flags}`],
  ])("leave our port to the front end: %s", async (line, expected) => {
    expect(await rendered(line, files)).toBe(expected);
  });

  it("get it by the environment where the front end takes no argument for it", async () => {
    expect(await rendered('concurrently "react-scripts start" "node server.js"')).toBe(
      "unset PORT; concurrently 'PORT=4000 react-scripts start' \"node server.js\"",
    );
    // a task of npm-run-all is the name of a script: nothing can be put in front of it
    const tasks = project({ web: "react-scripts start", api: "node server.js" });
    expect(await rendered("run-p web api", tasks)).toBe("run-p web api");
  });

  it("keep PORT when each is a server of the project's own code", async () => {
    const line = 'concurrently "node a.js" "node b.js"';
    expect(await rendered(line)).toBe(line);
  });

  it.each([
    ["vite", false],
    ['concurrently "vite" "tsc --watch"', false],
    ['concurrently "vite" "node server.js"', true],
    ["vite & make api", true],
    ['concurrently "node a.js" "node b.js"', false],
    ["run-p web api", true],
    ["make dev", false],
  ])("are told to listen on ports of their own, as long as the front end has ours: %s %s", async (line, company) => {
    expect((await readLine(line, files)).company).toBe(company);
  });

  it("tell the ports of the others, where they are known", async () => {
    const line = 'concurrently "vite" "json-server db.json --port 3001" "flask run" "node server.js"';
    expect((await readLine(line)).secondPorts).toEqual([3001, 5000]);
    expect((await readLine("vite")).secondPorts).toEqual([]);
  });

  it("are run without the package manager, which could pass arguments to the last of them only", async () => {
    const dev = { ...scripts, dev: 'concurrently "npm:web" "npm:api"', predev: "node gen.js" };
    expect(await rendered("npm run dev", project(dev))).toBe(
      `unset PORT; (export ${path}; npm run predev && concurrently 'npm run web -- ${flags}' "npm:api")`,
    );
    expect(await rendered("pnpm dev", project({ ...scripts, dev: "vite & node server.js" }))).toBe(
      `unset PORT; (export ${path}; vite ${flags} & node server.js)`,
    );
  });
});

describe("a script behind a wrapper", () => {
  const scripts = { web: "vite", fixed: "rsbuild dev --port 3000", cra: "react-scripts start", api: "node api.js" };
  const files = project(scripts);

  it.each([
    ["cross-env A=1 npm run web", `cross-env A=1 npm run web -- ${flags}`],
    ["dotenv -- pnpm web", `dotenv -- pnpm web ${flags}`],
    ["A=1 npm run web", `A=1 npm run web -- ${flags}`],
    ["npx concurrently npm:web npm:api", `unset PORT; npx concurrently 'npm run web -- ${flags}' npm:api`],
    ["pnpm concurrently npm:web npm:api", `unset PORT; pnpm concurrently 'npm run web -- ${flags}' npm:api`],
    ["env A=1 run-p web api", `unset PORT; env A=1 run-p 'web -- ${flags}' api`],
    // the script is run in place of npm, with what was set for it
    ["A=1 npm run fixed", `A=1 ${path} rsbuild dev --host 0.0.0.0 --port 4000`],
    ["cross-env A=1 npm run fixed", `cross-env A=1 sh -c '${path} rsbuild dev --host 0.0.0.0 --port 4000'`],
    ["dotenv npm run web", `dotenv -- sh -c '${path} vite ${flags}'`],
    // a port that is set on the way is stale
    ["PORT=3000 npm run cra", `PORT=4000 ${path} react-scripts start`],
    ["cross-env PORT=3000 npm run cra", `cross-env PORT=4000 sh -c '${path} react-scripts start'`],
    ["PORT=3000 npm run web", `PORT=3000 npm run web -- ${flags}`],
  ])("gets its arguments: %s", async (line, expected) => {
    expect(await rendered(line, files)).toBe(expected);
  });
});

describe("arguments of a script that must be replaced", () => {
  it.each([
    ["npm run dev", "rsbuild dev --port 3000", `${path} rsbuild dev --host 0.0.0.0 --port 4000`],
    ["pnpm dev", "astro dev --port 3000", `${path} astro dev --host 0.0.0.0 --port 4000`],
    ["yarn dev", "vitepress dev --port 3000", `${path} vitepress dev ${flags}`],
    ["npm run dev", "tsc -b && rsbuild --port 3000", `(export ${path}; tsc -b && rsbuild --host 0.0.0.0 --port 4000)`],
    ["npm run dev -- --port 3000", "rsbuild dev", `${path} rsbuild dev --host 0.0.0.0 --port 4000`],
    ["npm run build && npm run dev", "rsbuild --port 3", `npm run build && ${path} rsbuild --host 0.0.0.0 --port 4000`],
  ])("are replaced in its text, which is run in its place: %s (%s)", async (line, dev, expected) => {
    expect(await rendered(line, project({ dev, build: "tsc" }))).toBe(expected);
  });

  it("cannot be where yarn alone finds the programs, and the plan says so", async () => {
    const files = { ...project({ dev: "rsbuild dev --port 3000" }), ".pnp.cjs": "" };
    const launch = await readLine("yarn dev", files);
    expect([launch.unpassed, launch.render(4000)]).toEqual([true, "yarn dev"]);
    const passing = await readLine("yarn dev", { ...project({ dev: "rsbuild dev" }), ".pnp.cjs": "" });
    expect([passing.unpassed, passing.render(4000)]).toEqual([false, "yarn dev --host 0.0.0.0 --port 4000"]);
  });

  it("are left where the last of two wins and the text cannot be touched", async () => {
    const files = { ...project({ dev: "ng serve --open" }), ".pnp.cjs": "" };
    expect(await rendered("yarn dev", files)).toBe("yarn dev --host 0.0.0.0 --port 4000");
  });
});

describe("scripts of other packages", () => {
  const files = {
    "package.json": { workspaces: ["apps/*"] },
    "apps/web/package.json": { name: "@acme/web", scripts: { dev: "vite", fixed: "rsbuild dev --port 3000" } },
    "apps/docs/package.json": { name: "docs", scripts: { dev: "vitepress dev" } },
    "client/package.json": { scripts: { dev: "vite" } },
  };
  const there = 'PATH="$PWD/node_modules/.bin:$PWD/../node_modules/.bin:$PWD/../../node_modules/.bin:$PATH"';

  it.each([
    ["npm run dev -w @acme/web", `npm run dev -w @acme/web -- ${flags}`],
    ["npm run dev --workspace=apps/web", `npm run dev --workspace=apps/web -- ${flags}`],
    ["npm -w apps/web run dev", `npm -w apps/web run dev -- ${flags}`],
    ["pnpm --filter @acme/web dev", `pnpm --filter @acme/web dev ${flags}`],
    ["pnpm --filter web run dev", `pnpm --filter web run dev ${flags}`],
    ["pnpm -F ./apps/web dev", `pnpm -F ./apps/web dev ${flags}`],
    ["pnpm -C client dev", `pnpm -C client dev ${flags}`],
    ["yarn workspace @acme/web dev", `yarn workspace @acme/web dev ${flags}`],
    ["yarn workspace @acme/web run dev", `yarn workspace @acme/web run dev ${flags}`],
    ["yarn --cwd client dev", `yarn --cwd client dev ${flags}`],
    ["bun run --cwd client dev", `bun run --cwd client dev ${flags}`],
    ["npm --prefix client run dev", `npm --prefix client run dev -- ${flags}`],
    ["cd client && npm run dev", `cd client && npm run dev -- ${flags}`],
    ["turbo run dev --filter=@acme/web", `turbo run dev --filter=@acme/web -- ${flags}`],
    ["turbo dev --filter=web...", `turbo dev --filter=web... -- ${flags}`],
    ["lerna run dev --scope docs", `lerna run dev --scope docs -- ${flags}`],
    ["pnpm turbo run dev --filter=docs", `pnpm turbo run dev --filter=docs -- ${flags}`],
    ["dotenv -- turbo run dev --filter=docs", `dotenv -- turbo run dev --filter=docs -- ${flags}`],
    ["npm run fixed -w @acme/web", `(cd apps/web || exit; ${there} rsbuild dev --host 0.0.0.0 --port 4000)`],
  ])("get arguments: %s", async (line, expected) => {
    expect(await rendered(line, files)).toBe(expected);
  });

  it("are run where they are, whatever their directory is called", async () => {
    const odd = {
      "package.json": {},
      "-web/package.json": { scripts: { dev: "rsbuild dev --port 3000" } },
      "it's $HOME/package.json": { scripts: { dev: "rsbuild dev --port 3000" } },
    };
    expect(await rendered("npm --prefix ./-web run dev", odd)).toMatch(/^\(cd \.\/-web \|\| exit; /);
    expect(await rendered(`npm --prefix "it's \\$HOME" run dev`, odd)).toMatch(/^\(cd 'it'\\''s \$HOME' \|\| exit; /);
  });

  it("are not chosen among", async () => {
    for (const line of ["turbo run dev", "pnpm -r dev", "npm run dev --workspaces", "yarn workspaces foreach run dev"])
      expect(await rendered(line, files)).toBe(line);
  });

  it("get every variable through turbo, which would keep all but its own from them", async () => {
    expect((await readLine("turbo run dev --filter=docs", files)).env).toEqual({ TURBO_ENV_MODE: "loose" });
    expect((await readLine("npm run dev -w docs", files)).env).toEqual({});
  });
});

describe("wireit", () => {
  const wired = (command: string) => ({ "package.json": { scripts: { dev: "wireit" }, wireit: { dev: { command } } } });

  it("passes arguments to the command that it runs, whose text is not ours to change", async () => {
    expect(await rendered("npm run dev", wired("vite"))).toBe(`npm run dev -- ${flags}`);
    const launch = await readLine("npm run dev", wired("rsbuild --port 3000"));
    expect([launch.unpassed, launch.render(4000)]).toEqual([true, "npm run dev"]);
  });
});

describe("scripts that pnpm is told by an expression", () => {
  const scripts = { "dev:api": "node api.js", "dev:web": "vite", "x:dev:web": "vite", build: "tsc" };
  const side = `unset PORT; (pnpm run dev:api & pnpm run dev:web ${flags} & wait)`;

  it.each([
    ['pnpm run "/^dev:/"', side],
    ["pnpm run '/^dev:.*/'", side],
    ["pnpm run '/^dev:(api|web)$/'", side],
    ["pnpm '/^dev:/'", side],
    ["pnpm run '/^(build|dev:web)$/'", `(pnpm run dev:web ${flags} & pnpm run build & wait)`],
    ["pnpm run '/^dev:w/'", `(pnpm run dev:web ${flags} & wait)`],
    ["pnpm run '/x:dev/'", `(pnpm run x:dev:web ${flags} & wait)`],
  ])("are run side by side: %s", async (line, expected) => {
    expect(await rendered(line, project(scripts))).toBe(expected);
  });

  it.each(["pnpm run '/^dev:[a-w]+/'", "pnpm run '/(a*)*b/'", "pnpm run '/gone/'", "npm run '/^dev:/'"])(
    "are left alone where they are not told by reading: %s",
    async (line) => {
      expect(await rendered(line, project(scripts))).toBe(line);
    },
  );

  it("are not edited behind a wrapper, and the plan says so", async () => {
    const launch = await readLine("cross-env A=1 pnpm run '/^dev:/'", project(scripts));
    expect(launch).toMatchObject({ recipe: { framework: "vite" }, unpassed: true });
  });
});

describe("node --run", () => {
  const scripts = { web: "vite", preweb: "exit 1", fixed: "rsbuild --port 3000", prefixed: "exit 1" };

  it.each([
    ["node --run web", `node --run web -- ${flags}`],
    ["node --run=web", `node --run=web -- ${flags}`],
    ["node --env-file=.env --run web", `node --env-file=.env --run web -- ${flags}`],
    ["node --run web -- --open", `node --run web -- --open ${flags}`],
    // it runs no pre script
    ["node --run fixed", `${path} rsbuild --host 0.0.0.0 --port 4000`],
  ])("passes arguments on to the script: %s", async (line, expected) => {
    expect(await rendered(line, project(scripts))).toBe(expected);
  });

  it("is a server of the project's own without a script", async () => {
    expect(await readLine("node server.js --run web", project(scripts))).toMatchObject({
      recipe: { framework: "node" },
    });
  });
});

describe("tasks of Deno", () => {
  const files = {
    "deno.jsonc": '{ "tasks": { "dev": "deno run -A main.ts", "web": { "command": "vite" } /* both forms */, } }',
  };

  it("are followed to their program", async () => {
    expect(await readLine("deno task dev", files)).toMatchObject({ recipe: { framework: "deno" } });
    expect(await rendered("deno task web", files)).toBe(`deno task web ${flags}`);
    expect(await readLine("deno task gone", files)).not.toHaveProperty("recipe");
  });
});
