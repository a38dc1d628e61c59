import type { ProjectFiles } from "./project-plane.ts";

/** What the page of a web project shows. */
export const pageText = "a page of the project";

/** What its API answers. */
export const apiText = "an answer of the API";

export type ManagerName = "npm" | "pnpm" | "yarn" | "bun";

const lockFiles: Readonly<Record<ManagerName, ProjectFiles>> = {
  npm: { "package-lock.json": { lockfileVersion: 3, packages: {} } },
  pnpm: { "pnpm-lock.yaml": "lockfileVersion: '9.0'\n" },
  yarn: { "yarn.lock": "# yarn lockfile v1\n" },
  bun: { "bun.lock": '{ "lockfileVersion": 1, "workspaces": {} }\n' },
};

/** A page for Vite. */
export const page: ProjectFiles = {
  "index.html": `<!doctype html><title>page</title><h1>${pageText}</h1><script type="module" src="/main.js"></script>`,
  "main.js": "document.body.dataset.ran = 'yes';\n",
};

const answer = (text: string): string =>
  `(_, response) => { response.setHeader("Content-Type", "text/html"); response.end("<h1>${text}</h1>"); }`;

/** Servers of the project's own: one with a page, one without, which takes a free port unless PORT is set. */
const servers: ProjectFiles = {
  "server.mjs": `import { createServer } from "node:http";
createServer(${answer(pageText)}).listen(Number(process.env.PORT ?? 0));
`,
  "api.mjs": `import { createServer } from "node:http";
createServer(${answer(apiText)}).listen(Number(process.env.PORT ?? 0));
`,
};

export interface WebProject {
  readonly scripts: Readonly<Record<string, string>>;
  /** Whose lock file there is; npm's when absent. */
  readonly manager?: ManagerName;
  /** Further fields of package.json. */
  readonly manifest?: Readonly<Record<string, unknown>>;
  readonly files?: ProjectFiles;
}

/** A page, a server and an API with these scripts, for Vite and the tools that are linked into it. */
export function webProject({ scripts, manager = "npm", manifest = {}, files = {} }: WebProject): ProjectFiles {
  return {
    "package.json": {
      name: "app",
      version: "1.0.0",
      private: true,
      type: "module",
      scripts,
      devDependencies: { vite: "*" },
      ...manifest,
    },
    ...lockFiles[manager],
    ...page,
    ...servers,
    ...files,
  };
}
