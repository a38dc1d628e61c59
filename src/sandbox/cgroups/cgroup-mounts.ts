import { join, relative } from "node:path";

/** A hierarchy of control groups, as far as it is mounted here. */
export interface CgroupMount {
  readonly version: 1 | 2;
  /** Controllers of a version 1 hierarchy; version 2 tells its own in `cgroup.controllers`. */
  readonly controllers: readonly string[];
  readonly mountPoint: string;
  /** The group that this process is in. */
  readonly own: string;
}

/** `/proc/self/mountinfo` and `/proc/self/cgroup`. */
export interface CgroupTables {
  readonly mountinfo: string;
  readonly membership: string;
}

/** Version 2 first. */
export function parseCgroupMounts({ mountinfo, membership }: CgroupTables): CgroupMount[] {
  const memberships = parseMembership(membership);
  const mounts = mountinfo.split("\n").flatMap((line) => {
    // ID parent major:minor root mountPoint options [optional]* - type source superOptions
    const [front = "", back = ""] = line.split(" - ");
    const [, , , root = "/", mountPoint = ""] = front.split(" ").map(unescape);
    const [type, , superOptions = ""] = back.split(" ");
    if (type !== "cgroup2" && type !== "cgroup") return [];
    const version = type === "cgroup2" ? (2 as const) : (1 as const);
    const options = superOptions.split(",");
    const mine = memberships.find(({ names }) =>
      version === 2 ? names.length === 0 : names.some((name) => options.includes(name)),
    );
    if (mine === undefined) return [];
    const controllers = mine.names.filter((name) => !name.startsWith("name="));
    return [{ version, controllers, mountPoint, own: join(mountPoint, below(root, mine.path)) }];
  });
  return mounts.toSorted((one, other) => other.version - one.version);
}

interface Membership {
  /** None for version 2. */
  readonly names: readonly string[];
  readonly path: string;
}

function parseMembership(text: string): Membership[] {
  return text.split("\n").flatMap((line) => {
    const [, id, names = "", path = ""] = /^(\d+):([^:]*):(\/.*)$/.exec(line) ?? [];
    return id === undefined ? [] : [{ names: names === "" ? [] : names.split(","), path }];
  });
}

/** Containers mount a part of the hierarchy, and their processes may be named from its root or from the host's. */
function below(root: string, path: string): string {
  const inside = relative(root, path);
  return inside.startsWith("..") ? "" : inside;
}

/** Blanks and the like are written as `\040`. */
function unescape(text: string): string {
  return text.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}
