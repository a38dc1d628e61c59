import { spawnSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import type { Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cannotConfine } from "../support/confine.ts";
import { startAttackedPlane } from "./support/attacked-plane.ts";
import type { AttackedPlane } from "./support/attacked-plane.ts";
import { bin } from "./support/plane-process.ts";

/**
 * Each attempt is run by a dev server that is confined, and by one that is not: there it prints `GOT`, so
 * that an attempt which could not work anyway shows nothing.
 */
interface Attempt {
  readonly script: string;
  /** Why it cannot be tried on this host. */
  readonly skip?: string | undefined;
  /** It needs what only the test's own user has. */
  readonly ownUser?: true;
}

const mark = `dpp-${process.pid}`;
const shared = { file: join(tmpdir(), `${mark}-tmp`), memory: `/dev/shm/${mark}`, socket: `/run/${mark}.sock` };
const isRoot = process.getuid?.() === 0;
const lacks = (program: string) =>
  spawnSync("sh", ["-c", `command -v ${program}`]).status === 0 ? undefined : `needs ${program}`;
const connect = (path: string) =>
  `"$NODE" -e 'require("net").connect(process.argv[1].replace("@", "\\0")).on("connect", () => { console.log("GOT a connection"); process.exit() }).on("error", (e) => { console.log(e.code); process.exit() })' "${path}"`;
const calls = process.arch === "arm64" ? { add: 217, control: 219 } : { add: 248, control: 250 };
/** In the keyring of the user, which all its processes share. */
const ownKeyring = -4;
const readKey = `perl -e 'my $b = "\\0" x 64; my ($type, $name) = ("user", "${mark}"); my $id = syscall(${calls.control}, 10, ${ownKeyring}, $type, $name, 0); print "GOT a key\\n" if $id > 0;'`;

const attempts: Readonly<Record<string, Attempt>> = {
  "read another's workspace": { script: `cat "$THEIR_WORKSPACE/secret"` },
  "read another's workspace by a symlink in its own": {
    script: `ln -sfn "$THEIR_WORKSPACE" "$MY_WORKSPACE/out"; cat "$MY_WORKSPACE/out/secret"`,
  },
  "read another's workspace through its process' root": {
    script: `cat "/proc/$THEIR_PID/root$THEIR_WORKSPACE/secret"`,
  },
  "read another's workspace through its process' directory": { script: `cat "/proc/$THEIR_PID/cwd/secret"` },
  "read another's workspace through any process": {
    script: `for p in /proc/[0-9]*; do cat "$p/root$THEIR_WORKSPACE/secret" "$p/cwd/secret"; done 2>/dev/null | sort -u`,
  },
  "write into another's workspace": { script: `echo x > "$THEIR_WORKSPACE/mine" && echo GOT to write` },
  "read another's environment": {
    script: `tr "\\0" "\\n" < "/proc/$THEIR_PID/environ" | grep -q "^THEIR_SECRET=" && echo GOT it`,
  },
  "read any environment with another's secret": {
    script: `unset THEIR; for p in /proc/[0-9]*; do tr '\\0' '\\n' < $p/environ 2>/dev/null | grep -q "^THEIR_SECRET=$THEIR_SECRET" && echo GOT it && break; done`,
  },
  "read the plane's environment": {
    script: `for p in /proc/[0-9]*; do tr '\\0' '\\n' < $p/environ 2>/dev/null | grep -q "^DEV_PREVIEW_STATE_DIR=$STATE" && echo GOT it && break; done`,
  },
  "read another's log": { script: `cat "$THEIR_LOG"` },
  "list the state directory": { script: `[ -n "$(ls "$STATE" | grep signing-keys)" ] && echo GOT the list` },
  "read the plane's token": { script: `[ -s "$TOKEN_FILE" ] && echo GOT the token` },
  "call the plane with its token": {
    script: `"$NODE" -e 'const token = require("fs").existsSync(process.argv[2]) ? require("fs").readFileSync(process.argv[2], "utf8").trim() : "none"; fetch(process.argv[1] + "/v1/projects", { headers: { authorization: "Bearer " + token } }).then((r) => console.log(r.ok ? "GOT an answer" : r.status), (e) => console.log(e.message))' "$PLANE_URL" "$TOKEN_FILE"`,
  },
  "signal another's process": {
    script: `kill -0 "$THEIR_PID" && grep -q attempt-server "/proc/$THEIR_PID/cmdline" && echo GOT it`,
  },
  "signal the plane": { script: `kill -0 "$PLANE_PID" && grep -q serve "/proc/$PLANE_PID/cmdline" && echo GOT it` },
  "trace another's process": {
    script: `timeout 20 gdb -nx -batch -p "$THEIR_PID" -ex 'print "GO" "T it"' -ex detach </dev/null 2>&1 | grep -q 'Attaching\\|process '"$THEIR_PID" && grep -q attempt-server "/proc/$THEIR_PID/cmdline" && echo GOT it`,
    skip: lacks("gdb"),
  },
  "read another's memory": {
    script: `grep -q attempt-server "/proc/$THEIR_PID/cmdline" && [ -r "/proc/$THEIR_PID/maps" ] && [ -n "$(cat "/proc/$THEIR_PID/maps")" ] && echo GOT it`,
  },
  "connect to the database's socket": { script: connect("$DATABASE_SOCKET") },
  "connect to an abstract socket": { script: connect(`@${mark}`) },
  "connect to a daemon's socket": { script: connect(shared.socket), skip: isRoot ? undefined : "needs root" },
  "read a file in /tmp": { script: `cat ${shared.file}` },
  "read shared memory": { script: `cat ${shared.memory}` },
  "read a key of the user's keyring": { script: readKey, skip: lacks("perl"), ownUser: true },
  "gain privileges by setuid": {
    script: `grep -q 'NoNewPrivs:.*0' /proc/self/status && echo GOT no bar`,
  },
  "set up io_uring": {
    script: `perl -e 'my $p = "\\0" x 120; print "GOT a ring\\n" if syscall(425, 1, $p) >= 0'`,
    skip:
      lacks("perl") ??
      (spawnSync("perl", ["-e", 'exit(syscall(425, 1, "\\0" x 120) < 0)']).status === 0
        ? undefined
        : "the host has none"),
  },
};

const nobody = 65_534;
const planes: readonly { readonly who: string; readonly user?: number; readonly skip?: string | undefined }[] = [
  { who: isRoot ? "of a plane that runs as root" : "of a plane", skip: cannotConfine },
  { who: "of a plane that runs as a user without rights", user: nobody, skip: cannotConfine ?? cannotRunAs(nobody) },
];

const listening: Server[] = [];
beforeAll(() => {
  for (const path of [shared.file, shared.memory]) writeFileSync(path, "GOT a file\n", { mode: 0o644 });
  listening.push(createServer((socket) => socket.end()).listen(`\0${mark}`));
  if (isRoot) listening.push(createServer((socket) => socket.end()).listen({ path: shared.socket, writableAll: true }));
  const source = `my ($t, $n, $v) = ("user", "${mark}", "x"); my $id = syscall(${calls.add}, $t, $n, $v, 1, ${ownKeyring}); syscall(${calls.control}, 15, $id, 900)`;
  spawnSync("perl", ["-e", source]);
});
afterAll(() => {
  for (const server of listening) server.close();
  for (const path of Object.values(shared)) rmSync(path, { force: true });
});

describe.each(planes)("a confined dev server $who", ({ user, skip }) => {
  if (skip !== undefined) return it.skip(`(${skip})`);
  let confined: AttackedPlane;
  let open: AttackedPlane;
  beforeAll(async () => {
    confined = await startAttackedPlane({ isolation: "all", user });
    open = await startAttackedPlane({ isolation: "orgs", user });
  });
  afterAll(async () => {
    await confined.close();
    await open.close();
  });

  for (const [name, attempt] of Object.entries(attempts)) {
    const cannot = attempt.skip ?? (attempt.ownUser === true && user !== undefined ? "of another user" : undefined);
    it.skipIf(cannot !== undefined)(`cannot ${name} ${cannot === undefined ? "" : `(${cannot})`}`, async () => {
      expect(await open.attempt(attempt.script)).toContain("GOT");
      const printed = await confined.attempt(attempt.script);
      expect(printed).not.toContain("GOT");
      expect(printed).toContain("tried");
      expect(confined.isVictimAlive()).toBe(true);
    });
  }

  it("runs no docker: the stub says what to do instead", async () => {
    const printed = await confined.attempt("docker ps; echo code $?");
    expect(printed).toMatch(/start the project's own dev server directly[^]*code 127/);
  });

  it("has no terminal, and no descriptor of the plane's", async () => {
    const script = `: < /dev/tty && echo HAS; ls -l /proc/$PPID/fd | grep -v 'socket:\\|pipe:\\|anon_inode'`;
    const printed = await confined.attempt(script);
    expect(printed).not.toContain("HAS");
    const files = printed.split("\n").flatMap((line) => line.split(" -> ").slice(1));
    expect(files.filter((path) => path !== "/dev/null" && !path.endsWith("/log"))).toEqual([]);
  });

  it.skipIf(user === undefined)(
    "is bounded process by process where there are no control groups for the plane",
    async () => {
      const printed = await confined.attempt("ulimit -d; ulimit -p 2>/dev/null || ulimit -u");
      expect(printed).toBe(`${4096 * 1024}\n2048\ntried\n`);
      expect(await open.attempt("ulimit -d")).toBe("unlimited\ntried\n");
      const told = confined
        .log()
        .split("\n")
        .filter((line) => line.includes("limits.unenforced"));
      expect(told).toHaveLength(1);
      expect(told[0]).toContain("may not make control groups");
    },
  );

  it("works: it writes its workspace and its /tmp, and starts programs", async () => {
    const script = `echo x > "$MY_WORKSPACE/made" && echo y > /tmp/made && "$NODE" -p '6 * 7'`;
    expect(await confined.attempt(script)).toBe("42\ntried\n");
  });
});

/** Why no plane can be started as this user here. */
function cannotRunAs(uid: number): string | undefined {
  if (!isRoot) return "needs root, to become another user";
  const { status } = spawnSync(process.execPath, [bin, "--version"], { uid, gid: uid, stdio: "ignore" });
  return status === 0 ? undefined : "that user cannot read the plane's program";
}
