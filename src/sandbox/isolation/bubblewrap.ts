import { isInside } from "../../inside.ts";
import { withoutAbstractSockets } from "./abstract-sockets.ts";

/** What a process in isolation sees of the host, besides the system that all share. */
export interface IsolatedView {
  /** The project's files: the one place that stays writable. */
  readonly workspace: string;
  /** Where the command starts, inside of `workspace`. */
  readonly cwd: string;
  /** Directory of this project alone that takes the place of HOME. */
  readonly home: string;
  /** Further directories that it reads: runtimes outside of /usr, our own programs. */
  readonly readable: readonly string[];
  /** Files and directories that it must not see, wherever they lie, by their real paths: the plane's own, say. */
  readonly hidden: readonly HiddenPath[];
  /** Stubs that go first on PATH; they lie in a hidden directory. */
  readonly wall: string;
  /** A program for seccomp, on this descriptor of bubblewrap's. */
  readonly filterDescriptor?: number;
  /** The host can keep it from the abstract Unix sockets of others. */
  readonly refusesAbstractSockets: boolean;
}

export interface HiddenPath {
  readonly path: string;
  readonly isDirectory: boolean;
}

/** How the plane itself runs, and whose the workspace is. */
export interface Identity {
  readonly isRoot: boolean;
  readonly owner: { readonly uid: number; readonly gid: number };
}

/** Where the private home is seen. */
export const isolatedHome = "/home/preview";

/** System directories, as far as the host has them; `/run` and `/var` hold sockets and data, and stay out. */
const system = [
  "/usr",
  "/bin",
  "/sbin",
  "/lib",
  "/lib32",
  "/lib64",
  "/libx32",
  "/opt",
  "/nix",
  "/snap",
  "/etc",
  "/var/lib/gems",
];
/** Files that root writes by being root, without any capability. */
const kernelSettings = ["/proc/sys", "/proc/sysrq-trigger", "/proc/irq", "/proc/bus"];
/** Name resolution of systemd, to which /etc/resolv.conf is a link. */
const resolver = ["/run/systemd/resolve", "/run/resolvconf", "/run/NetworkManager/resolv.conf"];
const temporaryBytes = 1024 ** 3;

/**
 * The command line in front of a command, as words. Processes get a process, mount, IPC and host name
 * space of their own and no capability: they see no process of anybody else, and change nothing but the
 * workspace, their home and a /tmp of their own. The network is shared: the gateway dials the port.
 * `exists` tells which paths are there.
 */
export function bubblewrapWords(view: IsolatedView, identity: Identity, exists: (path: string) => boolean): string[] {
  const { workspace, cwd, home, wall } = view;
  const readable = [...system, ...resolver, ...view.readable].filter(exists);
  const hidden = view.hidden.filter(({ path }) => [...readable, workspace].some((root) => isInside(path, root)));
  // what lies in the workspace is hidden after that was put there, everything else before
  const isOwn = ({ path }: HiddenPath) => path !== workspace && isInside(path, workspace);
  return [
    ["bwrap", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try", "--hostname", "preview"],
    identity.isRoot ? [] : ["--unshare-user", "--cap-drop", "ALL"],
    view.filterDescriptor === undefined ? [] : ["--seccomp", String(view.filterDescriptor)],
    // a terminal of its own: none, so that nothing can be typed into the plane's
    ["--new-session", "--proc", "/proc", ...readOnly(kernelSettings.filter(exists))],
    ["--dev", "/dev", "--tmpfs", "/run", "--tmpfs", "/var"],
    ["--perms", "1777", "--size", String(temporaryBytes), "--tmpfs", "/tmp"],
    readOnly(system.filter(exists)),
    parentsOf([...view.readable, isolatedHome, workspace, wall]).flatMap((path) => ["--perms", "0755", "--dir", path]),
    readOnly([...resolver, ...view.readable].filter(exists)),
    hidden.filter((entry) => !isOwn(entry)).flatMap(mask),
    throughMasks([workspace, wall], hidden).flatMap((path) => ["--perms", "0755", "--dir", path]),
    ["--bind", home, isolatedHome, "--setenv", "HOME", isolatedHome, "--bind", workspace, workspace],
    hidden.filter(isOwn).flatMap(mask),
    [...readOnly([wall]), "--chdir", cwd, "--"],
    identity.isRoot ? asOwner(identity) : [],
    view.refusesAbstractSockets ? withoutAbstractSockets : [],
  ].flat();
}

function readOnly(paths: readonly string[]): string[] {
  return paths.flatMap((path) => ["--ro-bind", path, path]);
}

function mask({ path, isDirectory }: HiddenPath): string[] {
  return isDirectory ? ["--tmpfs", path] : ["--ro-bind", "/dev/null", path];
}

/** Files of the workspace stay its owner's, and root without capabilities is a user like others. */
function asOwner({ owner: { uid, gid } }: Identity): string[] {
  const user = uid === 0 ? [] : [`--reuid=${uid}`, `--regid=${gid}`, "--clear-groups"];
  return ["setpriv", ...user, "--bounding-set=-all", "--inh-caps=-all", "--no-new-privs", "--"];
}

/** Directories on the way to these, the outer ones first; bubblewrap itself would make them for root alone. */
function parentsOf(paths: readonly string[]): string[] {
  return waysTo(paths).filter((path) => !system.some((root) => isInside(path, root)));
}

/** Those that a mask took away. */
function throughMasks(paths: readonly string[], hidden: readonly HiddenPath[]): string[] {
  return waysTo(paths).filter((path) => hidden.some((entry) => path !== entry.path && isInside(path, entry.path)));
}

function waysTo(paths: readonly string[]): string[] {
  const parents = paths.flatMap((path) => {
    const names = path.split("/").slice(1, -1);
    return names.map((_, index) => `/${names.slice(0, index + 1).join("/")}`);
  });
  return [...new Set(parents)];
}
