/**
 * What a caller sets in the environment of a confined launch has to wait until the confinement stands: a PATH
 * or an LD_PRELOAD of its own would otherwise say which `bwrap` runs, outside of it and as the plane's user.
 * Until then the variables go by names that no program knows.
 */
const prefix = "CONFINED_";

type Environment = Readonly<Record<string, string>>;

/** The part of `wanted` that `trusted` does not say already. HOME is the confinement's. Other names than a shell's cannot be set. */
export function waitingNames(trusted: Environment, wanted: Environment): string[] {
  return Object.keys(wanted).filter(
    (name) => wanted[name] !== trusted[name] && name !== "HOME" && /^[A-Za-z_][A-Za-z0-9_]*$/.test(name),
  );
}

/** The trusted environment, with the other variables waiting in it. */
export function withWaiting(trusted: Environment, wanted: Environment): Record<string, string> {
  const waiting = waitingNames(trusted, wanted).map((name) => [prefix + name, wanted[name] ?? ""] as const);
  return { ...trusted, ...Object.fromEntries(waiting) };
}

interface Start {
  readonly workspace: string;
  /** `<device>:<inode>` of the directory that was judged to be the workspace. */
  readonly identity: string;
  readonly waiting: readonly string[];
  readonly command: string;
}

/**
 * The words that run first inside of the confinement. Between the plane's look at the workspace and
 * bubblewrap's own, it may have been exchanged for a link to another org's folder: then nothing is run in it.
 */
export function confinedStart({ workspace, identity, waiting, command }: Start): string[] {
  const judge = `[ "$(stat -c %d:%i -- "$1")" = "$2" ] || { echo "the workspace was replaced while it was started" >&2; exit 126; }`;
  const names = waiting.map((name) => `export ${name}="$${prefix}${name}"; unset ${prefix}${name}`);
  return ["/bin/sh", "-c", [judge, ...names, `exec /bin/sh -c "$0"`].join("\n"), command, workspace, identity];
}
