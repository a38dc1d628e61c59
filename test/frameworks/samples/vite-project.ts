/** Versions by npm name. */
export type Versions = Readonly<Record<string, string>>;

export interface ViteProject {
  readonly title: string;
  /** Path of the module that the page loads: `src/main.jsx`. */
  readonly entry: string;
  /** Markup of the body, before the script. */
  readonly body: string;
  /** Name of the package whose default export is the plugin; absent where there is none, and no configuration. */
  readonly plugin?: string;
  readonly dependencies: Versions;
  readonly devDependencies: Versions;
}

/** What the starters of create-vite have in common: the manifest, the configuration and the page. */
export function viteProject(project: ViteProject): Readonly<Record<string, string>> {
  const { title, entry, body, plugin, dependencies, devDependencies } = project;
  return {
    "package.json": manifest({
      scripts: { dev: "vite", build: "vite build", preview: "vite preview" },
      dependencies,
      devDependencies,
    }),
    "index.html": `<!doctype html>
<html lang="en">
  <head>
    <meta charset="UTF-8" />
    <link rel="icon" type="image/svg+xml" href="/favicon.svg" />
    <meta name="viewport" content="width=device-width, initial-scale=1.0" />
    <title>${title}</title>
  </head>
  <body>
    ${body}
    <script type="module" src="/${entry}"></script>
  </body>
</html>
`,
    "public/favicon.svg": favicon,
    ...(plugin === undefined ? {} : { "vite.config.js": configuration(plugin) }),
  };
}

/** A package.json of an ES module project that nobody publishes. */
export function manifest(rest: {
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies?: Versions;
  readonly devDependencies?: Versions;
}): string {
  return `${JSON.stringify({ name: "sample", private: true, version: "0.0.0", type: "module", ...rest }, null, 2)}\n`;
}

/** Without one a browser asks for /favicon.ico, and its console shows that there is none. */
export const favicon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><path d="M0 0h1v1z" /></svg>\n`;

function configuration(plugin: string): string {
  return `import { defineConfig } from "vite";
import plugin from "${plugin}";

export default defineConfig({ plugins: [plugin()] });
`;
}
