import { execFile } from "node:child_process";
import { mkdirSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { PreviewError } from "../../src/errors.ts";
import { token } from "../api/support/control-listener.ts";
import { bin, createPlace, listenAsPlane, runCli } from "./support/run-cli.ts";
import type { Place } from "./support/run-cli.ts";

let place: Place;
let plane: Awaited<ReturnType<typeof listenAsPlane>>;
beforeEach(async () => {
  place = createPlace();
  plane = await listenAsPlane(place);
});
afterEach(async () => {
  await plane.close();
  place.remove();
});

const cli = (...args: string[]) => runCli(place, args);
const callsOf = (method: string) => plane.calls.filter((call) => call.method === method);

describe("a command in a working tree", () => {
  it("registers it as a project and is about that project", async () => {
    mkdirSync(join(place.project, ".git"));
    mkdirSync(join(place.project, "src"));
    const { code } = await runCli(place, ["list"], { cwd: join(place.project, "src") });
    expect(code).toBe(0);
    const put = callsOf("putProject")[0]!.input as { slug: string; workspaceRoot: string };
    expect(put.workspaceRoot).toBe(realpathSync(place.project));
    expect(put.slug).toMatch(/^shop-[0-9a-f]{8}$/);
    expect(callsOf("list")[0]!.context.projectSlug).toBe(put.slug);
  });

  it("is about the directory or the project that is named, by flag or environment", async () => {
    await cli("list", "--root", place.home);
    await runCli(place, ["list"], { env: { DEV_PREVIEW_ROOT: place.home } });
    await cli("list", "--project", "other");
    await runCli(place, ["list"], { env: { DEV_PREVIEW_PROJECT: "another" } });
    expect(callsOf("putProject").map(({ input }) => (input as { workspaceRoot: string }).workspaceRoot)).toEqual([
      place.home,
      place.home,
    ]);
    expect(
      callsOf("list")
        .slice(2)
        .map(({ context }) => context.projectSlug),
    ).toEqual(["other", "another"]);
  });

  it("goes to the plane that is named, with the token of the environment and never the local one", async () => {
    const elsewhere = ["list", "--url", plane.url, "--project", "shop", "--json"];
    const refused = await cli(...elsewhere);
    expect(refused.code).toBe(1);
    expect(JSON.parse(refused.stdout).error.code).toBe("unauthenticated");
    expect((await runCli(place, elsewhere, { env: { DEV_PREVIEW_TOKEN: token } })).code).toBe(0);
  });
});

describe("start", () => {
  it("prints the preview; progress goes to stderr", async () => {
    const { code, stdout, stderr } = await cli("start");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^web of shop-[0-9a-f]{8} is ready after 12 ms\n/);
    expect(stdout).toContain("http://5173-abc.localhost:4781/");
    expect(stderr).toBe("found vite\nstarted\nanswers\n");
  });

  it("passes its options on", async () => {
    const options = ["--name", "api", "--port", "5000", "--repo-dir", "packages/api", "--env", "A=1", "--env", "B=x=y"];
    await cli(
      "start",
      ...options,
      "--ready-path",
      "/health",
      "--if-running",
      "restart",
      "--ttl",
      "600",
      "--",
      "npm",
      "run",
      "a b",
    );
    expect(callsOf("start")[0]!.input).toMatchObject({
      name: "api",
      port: 5000,
      repoDir: "packages/api",
      env: { A: "1", B: "x=y" },
      readyPath: "/health",
      ifRunning: "restart",
      ttlSeconds: 600,
      command: "npm run 'a b'",
    });
  });

  it("prints one document with --json", async () => {
    const { code, stdout } = await cli("start", "--json");
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ serving: true, name: "web", token: "abc" });
  });

  it("ends with 4 when the preview does not serve, with problems and log, and no terminal codes of the server", async () => {
    plane.answerWith({
      serving: false,
      status: "crashed",
      exitCode: 1,
      problems: [{ code: "exited", message: "it exited with 1", fix: "Read the log." }],
      logTail: ["\u001b[31mboom\u001b[0m\u0007\u001b]0;owned\u0007"],
    });
    const { code, stdout } = await cli("start");
    expect(code).toBe(4);
    expect(stdout).toContain("web of");
    expect(stdout).toContain("exited: it exited with 1");
    expect(stdout).toContain("  | boom");
    // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
    expect(stdout).not.toMatch(/[\u0000-\u0008\u000b-\u001f]/);
  });

  it("goes on waiting beyond the bound of one call", async () => {
    let calls = 0;
    plane.startWith(async () => {
      calls += 1;
      plane.answerWith(calls < 3 ? { serving: false, status: "starting" } : { serving: true, status: "ready" });
    });
    const { code } = await cli("start");
    expect(code).toBe(0);
    expect(plane.calls.map(({ method }) => method)).toEqual(["putProject", "start", "url", "url"]);
    const waits = [...callsOf("start"), ...callsOf("url")].map(
      ({ input }) => (input as { waitSeconds: number }).waitSeconds,
    );
    for (const wait of waits) expect(wait).toBeLessThanOrEqual(45);
  });

  it("does not wait when told so", async () => {
    plane.answerWith({ serving: false, status: "starting" });
    const { code, stdout } = await cli("start", "--wait", "0", "--json");
    expect(code).toBe(4);
    expect(JSON.parse(stdout).status).toBe("starting");
    expect(callsOf("start")[0]!.input).toMatchObject({ waitSeconds: 0 });
  });

  it("waits no longer once a cause is known", async () => {
    const problems = [{ code: "syntax_error" as const, message: "main.py does not compile", fix: "Fix it." }];
    plane.answerWith({ serving: false, status: "starting", problems });
    const { code, stdout } = await cli("start", "--wait", "30");
    expect(code).toBe(4);
    expect(stdout).toContain("syntax_error: main.py does not compile");
    expect(plane.calls.map(({ method }) => method)).toEqual(["putProject", "start"]);
  });

  it("reports the plane's refusal with its hint", async () => {
    plane.startWith(() => Promise.reject(new PreviewError("already_running", "web is running", { hint: "Stop it." })));
    const { code, stdout, stderr } = await cli("start");
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toContain("error: web is running\n  Stop it.\n");
  });

  it("ends at Ctrl-C with 130, and the plane sees the wait cancelled", async () => {
    let interrupt: () => void = () => {};
    const cancelled = new Promise<void>((resolve) => {
      plane.startWith(({ signal }) => {
        signal!.addEventListener("abort", () => resolve());
        interrupt();
        return cancelled;
      });
    });
    const { code } = await runCli(place, ["start"], { onStart: (stop) => (interrupt = stop) });
    expect(code).toBe(130);
    await cancelled;
  });
});

describe("url", () => {
  it("prints the URL alone", async () => {
    expect(await cli("url")).toEqual({
      code: 0,
      stdout: "http://5173-abc.localhost:4781/\n",
      stderr: expect.any(String),
    });
    await cli("url", "api", "--path", "/x", "--rotate", "--ttl", "60", "--wait", "1");
    expect(callsOf("url")[1]!.input).toMatchObject({
      name: "api",
      path: "/x",
      rotate: true,
      ttlSeconds: 60,
      waitSeconds: 1,
    });
    await cli("url", "--port", "5173");
    expect(callsOf("url")[2]!.input).toMatchObject({ port: 5173 });
    expect(callsOf("url")[2]!.input).not.toHaveProperty("name");
  });

  it("ends with 4 when there is nothing to open", async () => {
    plane.answerWith({ serving: false, status: "crashed" }, ["previewUrl"]);
    const { code, stdout } = await cli("url");
    expect(code).toBe(4);
    expect(stdout).toContain("is crashed");
  });
});

describe("list, logs and stop", () => {
  it("work on what was started", async () => {
    expect((await cli("list")).stdout).toBe("no previews\n");
    await cli("start");
    expect((await cli("list")).stdout).toMatch(
      /^NAME +STATUS +PORT +URL +LINK UNTIL +COMMAND\nweb +ready +5173 +http\S+ +- +npm run dev\n$/,
    );
    expect(JSON.parse((await cli("list", "--all", "--json")).stdout).previews).toHaveLength(1);
    expect(callsOf("list").at(-1)!.input).toEqual({ includeStopped: true });
    expect((await cli("logs", "-n", "5", "--grep", "rea")).stdout).toBe("ready\n");
    expect(callsOf("logs")[0]!.input).toMatchObject({ name: "web", limit: 5, grep: "rea", waitSeconds: 0 });
    expect(JSON.parse((await cli("logs", "--json")).stdout)).toMatchObject({ lines: ["ready"], cursor: "1" });
    expect((await cli("stop", "web")).stdout).toBe("web is stopped, port 5173 is free\n");
    await cli("stop", "--all");
    expect(callsOf("stop").map(({ input }) => input)).toEqual([{ name: "web" }, { all: true }]);
  });

  it("leave a server running that was started elsewhere, unless it is to be ended", async () => {
    await cli("start", "--name", "port-5173");
    expect((await cli("stop", "port-5173")).stdout).toBe("port-5173 is stopped, its server goes on on port 5173\n");
    expect((await cli("stop", "port-5173", "--kill")).stdout).toBe("port-5173 is stopped, port 5173 is free\n");
    expect(callsOf("stop").at(-1)!.input).toEqual({ name: "port-5173", kill: true });
  });

  it("say why there is no log, and do not wait for one", async () => {
    await cli("start");
    plane.logsWith([
      { lines: [], next: "Read it elsewhere." },
      { lines: [], next: "Read it elsewhere." },
    ]);
    expect((await cli("logs")).stdout).toBe("Read it elsewhere.\n");
    expect((await cli("logs", "-f")).stdout).toBe("Read it elsewhere.\n");
  });

  it("follow the log by its cursor until the server has ended", async () => {
    await cli("start");
    plane.logsWith([
      { lines: ["one"], cursor: "1", more: false, status: "ready" },
      { lines: ["two"], cursor: "2", more: false, status: "ready" },
      { lines: ["three"], cursor: "3", more: true, status: "crashed" },
      { lines: ["four"], cursor: "4", more: false, status: "crashed" },
    ]);
    const { code, stdout } = await cli("logs", "-f");
    expect([code, stdout]).toEqual([0, "one\ntwo\nthree\nfour\n"]);
    expect(callsOf("logs").map(({ input }) => (input as { cursor?: string }).cursor)).toEqual([
      undefined,
      "1",
      "2",
      "3",
    ]);
  });

  it("end quietly when their reader has seen enough", async () => {
    await cli("start");
    plane.logsWith(Array.from({ length: 500 }, (_, page) => ({ lines: [`line ${page}`], cursor: `${page}` })));
    const script = `"${process.execPath}" "${bin}" logs -f | head -n 1`;
    const options = { cwd: place.project, env: place.env, timeout: 60_000 };
    const { stdout, stderr } = await promisify(execFile)("sh", ["-c", script], options);
    expect([stdout, stderr]).toEqual(["line 0\n", ""]);
    expect(callsOf("logs").length).toBeLessThan(500);
  });

  it("end with 1 for a preview that is not there", async () => {
    const { code, stderr } = await cli("logs", "nothing");
    expect(code).toBe(1);
    expect(stderr).toContain("there is no preview named nothing");
  });
});

describe("project", () => {
  it("adds, lists and removes", async () => {
    expect((await cli("project", "list")).stdout).toBe("no projects\n");
    expect((await cli("project", "add")).stdout).toMatch(/^shop-[0-9a-f]{8} is .*\/shop\n$/);
    expect((await cli("project", "add", place.home, "--slug", "home")).stdout).toBe(`home is ${place.home}\n`);
    const { projects } = JSON.parse((await cli("project", "list", "--json")).stdout) as {
      projects: { slug: string }[];
    };
    expect(projects.map(({ slug }) => slug)).toEqual([expect.stringMatching(/^shop-/), "home"]);
    expect((await cli("project", "remove", "home")).stdout).toBe("home is forgotten\n");
    expect((await cli("project", "list")).stdout).toMatch(/^PROJECT +PORT +DIRECTORY\nshop-\w+ +- +\S+\n$/);
    expect((await cli("project", "remove", "home")).code).toBe(1);
  });
});

describe("link", () => {
  it("lists what is live with its end, and rotates one", async () => {
    const { stdout } = await cli("link", "list", "web");
    expect(stdout.split("\n")[0]).toMatch(/^LINK +PREVIEW +FOR +SEEN BY +UNTIL +URL$/);
    expect(stdout).toMatch(/\n0123456789abcdef +web +a reviewer +anyone +2026-01-02T00:00:00.000Z +http\S+\n$/);
    expect((await cli("link", "rotate", "0123456789abcdef", "--ttl", "60")).stdout).toMatch(
      /^http\S+\nuntil 2026-01-02T00:00:00.000Z\n$/,
    );
  });

  it("revokes one, or all where that is said", async () => {
    expect((await cli("link", "revoke", "0123456789abcdef")).stdout).toBe("1 link has ended\n");
    expect((await cli("link", "revoke", "--all", "--name", "web")).stdout).toBe("1 link has ended\n");
    const unknown = await cli("link", "revoke", "0000000000000000");
    expect([unknown.code, unknown.stderr]).toEqual([1, expect.stringContaining("no live link 0000000000000000")]);
    for (const args of [[], ["0123456789abcdef", "--all"]]) expect((await cli("link", "revoke", ...args)).code).toBe(2);
  });
});

describe("session", () => {
  it("lists who is logged in, and logs out whom it is told to", async () => {
    expect((await cli("session", "list")).stdout).toMatch(/^SESSION +USER +SINCE +UNTIL\n.* ada .*\n.* bob .*\n$/);
    expect((await cli("session", "end")).code).toBe(2);
    expect((await cli("session", "end", "--user", "ada")).stdout).toBe("1 session has ended\n");
    expect((await cli("session", "end", "--user", "ada")).stdout).toBe("0 sessions have ended\n");
    expect((await cli("session", "end", "--all")).stdout).toBe("1 session has ended\n");
    expect((await cli("session", "list")).stdout).toBe("nobody is logged in\n");
  });
});

describe("who sees a preview", () => {
  it("is said by flags of start and url", async () => {
    await cli("start", "--gated", "--guest", "gus", "--embed", "https://chat.example.com", "https://b.example.com");
    await cli("url", "--signed", "--label", "ci", "--embed", "none", "--guest", "none");
    expect(callsOf("start")[0]!.input).toMatchObject({
      signed: false,
      guests: ["gus"],
      embedOrigins: ["https://chat.example.com", "https://b.example.com"],
    });
    expect(callsOf("url")[0]!.input).toMatchObject({ signed: true, label: "ci", embedOrigins: [], guests: [] });
    expect((await cli("start", "--gated", "--signed")).code).toBe(2);
  });

  it("is told with the end of the link, apart from the URL", async () => {
    plane.answerWith({ expiresAt: "2026-01-02T00:00:00.000Z" });
    const { stdout, stderr } = await cli("url");
    expect([stdout, stderr]).toEqual([
      "http://5173-abc.localhost:4781/\n",
      expect.stringContaining("link until 2026-01-02T00:00:00.000Z\n"),
    ]);
    expect((await cli("start")).stdout).toContain("2026-01-02T00:00:00.000Z");
    expect((await cli("list")).stdout).toContain("2026-01-02T00:00:00.000Z");
  });
});
