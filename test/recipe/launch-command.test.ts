import { describe, expect, it } from "vitest";
import { readLine } from "./read-line.ts";

const path = 'PATH="$PWD/node_modules/.bin:$PATH"';
const viteFlags = "--host 0.0.0.0 --port 4000 --strictPort";

async function rendered(line: string, scripts: Record<string, string> = {}): Promise<string> {
  return (await readLine(line, { "package.json": { scripts } })).render(4000);
}

describe("launchCommand", () => {
  it.each([
    ["vite", `vite ${viteFlags}`],
    ["vite dev", `vite dev ${viteFlags}`],
    ["vite ./app --mode build", `vite ./app --mode build ${viteFlags}`],
    ["npx vite", `npx vite ${viteFlags}`],
    ["npx --yes vite", `npx --yes vite ${viteFlags}`],
    ["cross-env NODE_OPTIONS=--x vite", `cross-env NODE_OPTIONS=--x vite ${viteFlags}`],
    ["./node_modules/.bin/vite", `./node_modules/.bin/vite ${viteFlags}`],
    ["tsc -b && vite", `tsc -b && vite ${viteFlags}`],
    ["node gen.js; exec vite", `node gen.js; exec vite ${viteFlags}`],
    // the last of two equal flags wins in Vite
    ["vite --port 3000 --host localhost", `vite --port 3000 --host localhost ${viteFlags}`],
    ["vite --strictPort", "vite --strictPort --host 0.0.0.0 --port 4000"],
    ["vite --port {port}", "vite --port 4000 --host 0.0.0.0 --strictPort"],
    ["vite --port=$PORT", "vite --port=$PORT --host 0.0.0.0 --strictPort"],
    ["vite | tee log", `vite ${viteFlags} | tee log`],
    ["vite 2>&1 | tee log", `vite ${viteFlags} 2>&1 | tee log`],
    ["vite > log", `vite ${viteFlags} > log`],
    ["vite & tsc --watch", `vite ${viteFlags} & tsc --watch`],
    ["vite -- --ours", `vite ${viteFlags} -- --ours`],
    ["cd web && vite", `cd web && vite ${viteFlags}`],
    ["(vite)", `(vite ${viteFlags})`],
    ["(cd web && vite) & tsc -w", `(cd web && vite ${viteFlags}) & tsc -w`],
    ["(vite) > log", `(vite ${viteFlags}) > log`],
    // a server never ends by itself: what stands behind it is for afterwards
    ["vite || true", `vite ${viteFlags} || true`],
    ["vite; exit 0", `vite ${viteFlags}; exit 0`],
    ["vite && echo done", `vite ${viteFlags} && echo done`],
  ])("gives Vite the port and all interfaces: %s", async (line, expected) => {
    expect(await rendered(line)).toBe(expected);
  });

  it.each([
    "vite build",
    "vite build --watch",
    "vite && node server.js",
    "echo vite",
    "vite build && echo done",
    "vite $(cat flags)",
    "if true; then vite; fi",
  ])("adds nothing where no Vite server is seen to stay: %s", async (line) => {
    expect(await rendered(line)).toBe(line);
  });

  it.each([
    ["next dev", "next dev"],
    ["next", "next"],
    ["next dev -p 3000", "next dev -p 3000 -p 4000"],
    ["next dev --port=3000 -H localhost", "next dev --port=3000 -H localhost -p 4000 -H 0.0.0.0"],
    ["PORT=3000 next dev", "PORT=3000 next dev -p 4000"],
    ["cross-env PORT=3000 next dev", "cross-env PORT=3000 next dev -p 4000"],
    ["next dev -p $PORT", "next dev -p $PORT"],
    ["export PORT=3000 && next dev", "export PORT=3000 && next dev -p 4000"],
    ["export A=1 PORT=3000; cd web; next dev", "export A=1 PORT=3000; cd web; next dev -p 4000"],
    ["export PORT && next dev", "export PORT && next dev"],
    ["next build -p 3000", "next build -p 3000"],
  ])("leaves Next to PORT unless its script fixes a port: %s", async (line, expected) => {
    expect(await rendered(line)).toBe(expected);
  });

  it.each([
    ["npm run dev", `npm run dev -- ${viteFlags}`],
    ["npm run dev -- --open", `npm run dev -- --open ${viteFlags}`],
    ["npm start", `npm start -- ${viteFlags}`],
    ["pnpm dev", `pnpm dev ${viteFlags}`],
    ["pnpm run dev", `pnpm run dev ${viteFlags}`],
    ["yarn dev", `yarn dev ${viteFlags}`],
    ["yarn run dev", `yarn run dev ${viteFlags}`],
    ["bun run dev", `bun run dev ${viteFlags}`],
    ["bun run dev -- --open", `bun run dev -- --open ${viteFlags}`],
    ["npm run build && npm run dev", `npm run build && npm run dev -- ${viteFlags}`],
  ])("passes flags through a package manager as it wants them: %s", async (line, expected) => {
    expect(await rendered(line, { dev: "vite", start: "vite", build: "tsc" })).toBe(expected);
  });

  it.each([
    ["npm run outer", "npm run dev", `npm run outer -- -- ${viteFlags}`],
    ["npm run outer", "pnpm dev", `npm run outer -- ${viteFlags}`],
    ["pnpm outer", "npm run dev", `pnpm outer -- ${viteFlags}`],
    ["bun run outer", "npm run dev", `bun run outer -- ${viteFlags}`],
    // yarn 1 drops the --, yarn 2 passes it on: the script is run without yarn
    ["yarn outer", "npm run dev", `${path} npm run dev -- ${viteFlags}`],
    ["yarn outer", "yarn dev", `yarn outer ${viteFlags}`],
  ])("passes flags through a script that runs a script: %s -> %s", async (line, outer, expected) => {
    expect(await rendered(line, { dev: "vite", outer })).toBe(expected);
  });

  it.each([
    ["pnpm dev -- --open", `${path} vite ${viteFlags} -- --open`],
    ["npm run dev -- a -- b", `${path} vite ${viteFlags} a -- b`],
    ["npm --prefix web run dev", `npm --prefix web run dev -- ${viteFlags}`],
  ])("finds the place of arguments: %s", async (line, expected) => {
    const contents = { "package.json": { scripts: { dev: "vite" } }, "web/package.json": { scripts: { dev: "vite" } } };
    expect((await readLine(line, contents)).render(4000)).toBe(expected);
  });

  it.each([
    ["npm run other", "there is no such script"],
    ["npm --prefix gone run dev", "there is no such package"],
    ["npm test", "it is no way to start a server"],
  ])("leaves %s alone: %s", async (line) => {
    expect(await rendered(line, { dev: "vite", test: "vite" })).toBe(line);
  });

  it("does not follow scripts that run each other for ever", async () => {
    expect(await rendered("npm run a", { a: "npm run b", b: "npm run a" })).toBe("npm run a");
  });

  it("fills {port} in wherever it stands, also in a command that it does not know", async () => {
    expect(await rendered("serve --at localhost:{port} --also {port}")).toBe("serve --at localhost:4000 --also 4000");
  });

  it.each([
    ["vite --port 3000", 3000],
    ["vite --port=3000", 3000],
    ["vite --port 3000 --port 3001", 3001],
    ["PORT=3002 next dev", 3002],
    ["next dev -p 80", undefined],
    ["vite --port {port}", undefined],
    ["vite", undefined],
    ["node server.js --port 3000", undefined],
  ])("knows the port that %s fixes: %s", async (line, port) => {
    expect((await readLine(line)).fixedPort).toBe(port);
  });

  it.each([
    ["vite", "vite"],
    ["tsc -b && next dev", "next"],
    ["node --watch server.mjs", "node"],
    ["tsx watch src/server.ts", "node"],
    ["nodemon app.js", "node"],
    ["python3 -m http.server", "http.server"],
    ["make dev", undefined],
    ["vite build", undefined],
  ])("recognises the framework of %s: %s", async (line, framework) => {
    expect((await readLine(line)).recipe?.framework).toBe(framework);
  });
});
