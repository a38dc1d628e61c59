import { join } from "node:path";
import type { ProjectFiles } from "./project-plane.ts";
import { yarnBerry } from "./project-plane.ts";

/** What the page shows: text of the dependency. */
export const lockedText = "from a dependency";

/** One package manager, with a project whose lock file is its own. */
export interface LockedProject {
  /** As a reader knows it. */
  readonly title: string;
  readonly packageManager: string;
  /** What the plane must run. */
  readonly install: RegExp;
  /** Paths that this package manager alone leaves behind. */
  readonly leaves: readonly string[];
  /** The project with its dependency, whose sources are in it: no registry is needed. */
  files(): Promise<ProjectFiles>;
  /** The project with a dependency that only this registry could have. */
  filesFor(registry: string): Promise<ProjectFiles>;
}

function project(version: string, more: ProjectFiles = {}): ProjectFiles {
  return {
    "package.json": {
      name: "app",
      private: true,
      type: "module",
      scripts: { dev: "node --version && vite" },
      dependencies: { tiny: version },
    },
    ...more,
  };
}

/** Stands for Vite: it listens on the port in its arguments alone. Its bytes are in the checksum of yarn's lock file. */
const program = `#!/usr/bin/env node
import { createServer } from "node:http";

const port = process.argv[process.argv.indexOf("--port") + 1];
createServer((_, response) => response.end("${lockedText}")).listen(Number(port));
`;

const inside = "file:./vendor/tiny";
/** A package in the project that stands for Vite. */
export const fakeViteFiles: ProjectFiles = {
  "vendor/tiny/package.json": '{"name":"tiny","version":"1.0.0","type":"module","bin":{"vite":"vite.js"}}\n',
  "vendor/tiny/vite.js": program,
};

/** Of no package: nothing is ever downloaded. */
const integrity = "sha512-6FlzubTLZG3J2a/NVCAleEhjzq5oxgHyaCU9yYXvcLsvoVaHJq/s5xXI6/XXP6tz7R9xAOtHnSO/tXtF3WRTlA==";
const npmrc = (registry: string): ProjectFiles => ({ ".npmrc": `registry=${registry}/\n` });

const npm: LockedProject = {
  title: "npm",
  packageManager: "npm",
  install: /^npm ci /,
  leaves: ["node_modules/.package-lock.json"],
  files: () => Promise.resolve(project(inside, { ...fakeViteFiles, ...lock(inside, npmLinked) })),
  filesFor: (registry) => Promise.resolve(project("1.0.0", { ...npmrc(registry), ...lock("1.0.0", npmLocked) })),
};

const npmLinked = {
  "node_modules/tiny": { resolved: "vendor/tiny", link: true },
  "vendor/tiny": { version: "1.0.0", bin: { vite: "vite.js" } },
};
const npmLocked = { "node_modules/tiny": { version: "1.0.0", integrity } };

function lock(version: string, packages: object): ProjectFiles {
  const root = { name: "app", dependencies: { tiny: version } };
  return {
    "package-lock.json": { name: "app", lockfileVersion: 3, requires: true, packages: { "": root, ...packages } },
  };
}

const pnpm: LockedProject = {
  title: "pnpm",
  packageManager: "pnpm",
  install: /^pnpm install --frozen-lockfile /,
  leaves: ["node_modules/.modules.yaml"],
  files: () => Promise.resolve(project(inside, { ...fakeViteFiles, ...pnpmLock(pnpmInside) })),
  filesFor: (registry) => Promise.resolve(project("1.0.0", { ...npmrc(registry), ...pnpmLock(pnpmOutside) })),
};

const pnpmInside = {
  specifier: inside,
  version: "file:vendor/tiny",
  resolution: "{directory: vendor/tiny, type: directory}\n    hasBin: true",
};
const pnpmOutside = { specifier: "1.0.0", version: "1.0.0", resolution: `{integrity: ${integrity}}` };

function pnpmLock({ specifier, version, resolution }: typeof pnpmInside): ProjectFiles {
  const text = `lockfileVersion: '9.0'

settings:
  autoInstallPeers: true
  excludeLinksFromLockfile: false

importers:

  .:
    dependencies:
      tiny:
        specifier: ${specifier}
        version: ${version}

packages:

  tiny@${version}:
    resolution: ${resolution}

snapshots:

  tiny@${version}: {}
`;
  return { "pnpm-lock.yaml": text };
}

/** The lock file of a workspace of pnpm, some packages of which depend on the stand-in for Vite. */
export function pnpmWorkspaceLock(importers: { with: readonly string[]; without: readonly string[] }): string {
  const having = (path: string): string => `  ${path}:
    dependencies:
      tiny:
        specifier: file:../../vendor/tiny
        version: file:vendor/tiny
`;
  const all = [...importers.without.map((path) => `  ${path}: {}\n`), ...importers.with.map(having)];
  return `lockfileVersion: '9.0'

settings:
  autoInstallPeers: true
  excludeLinksFromLockfile: false

importers:

${all.join("\n")}
packages:

  tiny@file:vendor/tiny:
    resolution: {directory: vendor/tiny, type: directory}
    hasBin: true

snapshots:

  tiny@file:vendor/tiny: {}
`;
}

const yarn: LockedProject = {
  title: "yarn 1",
  packageManager: "yarn",
  install: /^yarn install --frozen-lockfile /,
  leaves: ["node_modules/.yarn-integrity"],
  files: () =>
    Promise.resolve(project(inside, { ...fakeViteFiles, ...yarnLock(`"tiny@${inside}":\n  version "1.0.0"\n`) })),
  filesFor(registry) {
    const locked = `tiny@1.0.0:
  version "1.0.0"
  resolved "${registry}/tiny/-/tiny-1.0.0.tgz"
  integrity ${integrity}
`;
    return Promise.resolve(project("1.0.0", { ...npmrc(registry), ...yarnLock(locked) }));
  },
};

function yarnLock(locked: string): ProjectFiles {
  return { "yarn.lock": `# yarn lockfile v1\n\n\n${locked}` };
}

function berry(linker: "node-modules" | "pnp", leaves: readonly string[]): LockedProject {
  const settings = `yarnPath: .yarn/releases/yarn.cjs\nnodeLinker: ${linker}\nenableTelemetry: false\n`;
  return {
    title: `yarn 4 (${linker})`,
    packageManager: "yarn",
    install: /^yarn install --immutable$/,
    leaves,
    files: async () =>
      project(inside, {
        ...fakeViteFiles,
        ...(await berryProgram()),
        ".yarnrc.yml": settings,
        "yarn.lock": berryLock(inside, berryInside),
      }),
    filesFor: async (registry) =>
      project("1.0.0", {
        ...(await berryProgram()),
        ".yarnrc.yml": `${settings}npmRegistryServer: "${registry}"\nunsafeHttpWhitelist: ["127.0.0.1"]\n`,
        "yarn.lock": berryLock("npm:1.0.0", berryOutside),
      }),
  };
}

async function berryProgram(): Promise<ProjectFiles> {
  return { [join(".yarn", "releases", "yarn.cjs")]: await yarnBerry() };
}

const berryInside = `"tiny@${inside}::locator=app%40workspace%3A.":
  version: 1.0.0
  resolution: "tiny@${inside}#./vendor/tiny::hash=53d7be&locator=app%40workspace%3A."
  bin:
    vite: vite.js
  checksum: 10c0/ebc91e96f8482a854213075d382cceb811f34b99c138ccf2d299188fcffee3ffa0019b0b9fdc5ceec2bd637fa8952840e3b22eed864eba1e2c1651a4a01d65de
`;
const berryOutside = `"tiny@npm:1.0.0":
  version: 1.0.0
  resolution: "tiny@npm:1.0.0"
  checksum: 10c0/${"0".repeat(128)}
`;

function berryLock(version: string, locked: string): string {
  return `# This file is generated by running "yarn install" inside your project.
# Manual changes might be lost - proceed with caution!

__metadata:
  version: 10
  cacheKey: 10c0

"app@workspace:.":
  version: 0.0.0-use.local
  resolution: "app@workspace:."
  dependencies:
    tiny: "${version}"
  languageName: unknown
  linkType: soft

${locked}  languageName: node
  linkType: hard
`;
}

const bun: LockedProject = {
  title: "bun",
  packageManager: "bun",
  install: /^bun install --frozen-lockfile$/,
  leaves: ["node_modules/tiny/vite.js"],
  files: () =>
    Promise.resolve(
      project(inside, {
        ...fakeViteFiles,
        ...bunLock(inside, ["tiny@file:vendor/tiny", { bin: { vite: "vite.js" } }]),
      }),
    ),
  filesFor: (registry) =>
    Promise.resolve(project("1.0.0", { ...npmrc(registry), ...bunLock("1.0.0", ["tiny@1.0.0", "", {}, integrity]) })),
};

function bunLock(version: string, locked: readonly unknown[]): ProjectFiles {
  const workspaces = { "": { name: "app", dependencies: { tiny: version } } };
  return { "bun.lock": { lockfileVersion: 1, workspaces, packages: { tiny: locked } } };
}

/** Every package manager that lock files tell. */
export const lockedProjects: readonly LockedProject[] = [
  npm,
  pnpm,
  yarn,
  berry("node-modules", ["node_modules/.yarn-state.yml"]),
  berry("pnp", [".pnp.cjs"]),
  bun,
];
