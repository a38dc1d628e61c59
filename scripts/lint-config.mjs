// Writes the import table into .oxlintrc.json (`node scripts/lint-config.mjs`), or with --check
// fails when the file does not hold it. The table is docs/architecture.md's, as data.
import { readFileSync, writeFileSync } from "node:fs";

const leaf = [
  "errors",
  "clock",
  "logger",
  "redact",
  "config",
  "settings",
  "describe-settings",
  "state-dir",
  "closing-stack",
  "listen-port",
  "loopback-twin",
  "stop-accepting",
  "accept-on",
  "plain-words",
  "scopes",
  "inside",
  "shell-word",
  "secrets",
  "hosts",
];
const folders = [
  "settings",
  "recipe",
  "sandbox",
  "preview",
  "login",
  "db",
  "identity",
  "gateway",
  "inspect",
  "metrics",
  "workers",
  "edge",
  "tools",
  "api",
  "client",
  "console",
  "cli",
  "plane",
];

/** Folder -> what it may import besides leaf files; `x/y (t)` admits types of that file only. */
const table = {
  settings: [],
  recipe: [],
  sandbox: [],
  preview: ["recipe", "sandbox/driver (t)", "identity/context (t)"],
  login: ["preview"],
  db: ["preview", "login (t)", "sandbox/driver (t)"],
  identity: ["db (t)", "login (t)"],
  gateway: ["preview", "login", "sandbox/driver (t)"],
  inspect: ["preview", "identity/context (t)"],
  metrics: ["gateway (t)", "preview (t)"],
  workers: ["gateway", "preview", "login", "sandbox"],
  edge: ["preview"],
  tools: ["identity/context (t)", "preview"],
  api: ["identity (t)", "preview"],
  client: ["api", "preview", "identity"],
  console: ["client"],
  cli: ["client", "preview"],
  plane: folders.filter((name) => !["settings", "console", "cli", "plane"].includes(name)),
};

/** Files with wider rights than their folder. */
const exceptions = {
  "src/cli/serve.ts": ["client", "preview", "main"],
  "src/cli/doctor-isolation.ts": ["client", "preview", "sandbox"],
  "src/cli/mcp.ts": ["client", "preview", "tools"],
  "src/tools/tool-server.ts": [...table.tools, "npm:@modelcontextprotocol"],
  "src/tools/stdio.ts": [...table.tools, "npm:@modelcontextprotocol"],
  "src/tools/http.ts": [...table.tools, "npm:@modelcontextprotocol"],
  "src/sandbox/port-lease.ts": ["npm:get-port", "npm:execa"],
};

/** Third parties that one place alone may import. */
const fences = {
  execa: ["sandbox", "cli"],
  "get-port": [],
  postgres: ["db"],
  "@modelcontextprotocol": [],
  "playwright-core": ["inspect"],
  "openid-client": ["identity"],
  "@peculiar": ["gateway"],
  "prom-client": ["metrics"],
};

function rule(folder, allowed) {
  const open = new Set(allowed.filter((name) => !name.endsWith("(t)")));
  const typesOf = allowed.filter((name) => name.endsWith("(t)")).map((name) => name.slice(0, -4));
  const closed = folders.filter((name) => name !== folder && !open.has(name));
  const patterns = [];
  for (const name of closed) {
    const typed = typesOf.find((file) => file.split("/")[0] === name);
    const [, file] = typed?.split("/") ?? [];
    if (typed === undefined || file !== undefined)
      patterns.push({
        regex: above(`${name}/${file === undefined ? "" : otherThan(`${file}.ts`)}`),
        message: `src/${folder} may not import src/${name}: see the import table in docs/architecture.md`,
      });
    if (typed !== undefined)
      patterns.push({
        regex: above(`${name}/${file === undefined ? "" : `${literal(`${file}.ts`)}$`}`),
        allowTypeImports: true,
        message: `only types of src/${typed} may be imported here`,
      });
  }
  if (!open.has("main"))
    patterns.push({ regex: above(`${literal("main.ts")}$`), message: "only cli/serve imports main" });
  const npm = Object.entries(fences)
    .filter(([name, where]) => !where.includes(folder) && !open.has(`npm:${name}`))
    .map(([name]) => ({
      group: [name, `${name}/**`],
      message: `${name} is fenced: see the import table in docs/architecture.md`,
    }));
  return { "no-restricted-imports": ["error", { patterns: [...patterns, ...npm] }] };
}

/** A path of src/ as a file imports it, however deep in its folder it lies. */
function above(path) {
  return String.raw`^(?:\.\./)+${path}`;
}

/** Every text but this one: the linter's expressions cannot look ahead. */
function otherThan(text) {
  const wrong = [...text].map((letter, index) => `${literal(text.slice(0, index))}[^${letter}]`);
  return `(?:${[...wrong, `${literal(text)}.`].join("|")})`;
}

function literal(text) {
  return text.replaceAll(".", String.raw`\.`);
}

const overrides = [
  ...Object.entries(table).map(([folder, allowed]) => ({ files: [`src/${folder}/**`], rules: rule(folder, allowed) })),
  ...Object.entries(exceptions).map(([file, allowed]) => ({ files: [file], rules: rule(file.split("/")[1], allowed) })),
  {
    files: leaf.map((name) => `src/${name}.ts`),
    rules: {
      "no-restricted-imports": [
        "error",
        { patterns: [{ group: ["./*/*", "!./settings/*"], message: "a leaf file imports leaf files and npm only" }] },
      ],
    },
  },
  {
    files: ["test/**", "bench/**", "scripts/**"],
    rules: {
      "no-console": "off",
      "max-lines": "off",
      "typescript/no-non-null-assertion": "off",
      "no-restricted-imports": "off",
    },
  },
];

const path = new URL("../.oxlintrc.json", import.meta.url);
const present = readFileSync(path, "utf8");
const config = { ...JSON.parse(present), overrides };
const text = `${JSON.stringify(config, null, 2)}\n`;
if (process.argv.includes("--check")) {
  if (JSON.stringify(JSON.parse(present)) !== JSON.stringify(config)) {
    process.stderr.write(".oxlintrc.json does not hold the import table: run node scripts/lint-config.mjs\n");
    process.exit(1);
  }
} else writeFileSync(path, text);
