import { spawnSync } from "node:child_process";

const tried = spawnSync("bwrap", ["--unshare-user", "--unshare-pid", "--ro-bind", "/", "/", "true"], {
  stdio: "ignore",
});

/** Why tests that confine a launch are skipped; `undefined` where it can be done. Put it into the title of the skip. */
export const cannotConfine =
  tried.status === 0 ? undefined : "bubblewrap is not installed, or may not run: apt-get install bubblewrap";
