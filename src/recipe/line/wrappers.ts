/** A program that runs the rest of its arguments as a command. */
export interface Wrapper {
  readonly programs: readonly string[];
  /** Its first word that is no flag: `uv run …`. */
  readonly verbs?: readonly string[];
  /** Its flags that take a value in the next word. */
  readonly valued?: readonly string[];
  /** It reads every flag itself that no `--` precedes. */
  readonly wantsDashes?: true;
}

export const wrappers: readonly Wrapper[] = [
  { programs: ["env", "cross-env"], valued: ["-u", "-C"] },
  { programs: ["exec", "command", "nohup", "time", "stdbuf", "caffeinate", "dumb-init", "tini", "setsid"] },
  { programs: ["nice"], valued: ["-n"] },
  { programs: ["npx", "bunx", "pnpx"], valued: ["-p", "--package", "-c"] },
  { programs: ["npm"], verbs: ["exec", "x"], valued: ["-p", "--package"], wantsDashes: true },
  { programs: ["pnpm"], verbs: ["exec", "dlx"], valued: ["--package"] },
  { programs: ["yarn"], verbs: ["exec", "dlx"], valued: ["-p", "--package"] },
  { programs: ["bun"], verbs: ["x"] },
  { programs: ["dotenv"], valued: ["-e", "-v", "-p"], wantsDashes: true },
  { programs: ["dotenvx"], verbs: ["run"], valued: ["-f", "--env-file", "-e", "--env"], wantsDashes: true },
  { programs: ["env-cmd"], valued: ["-f", "--file", "-e", "--environments", "-r", "--rc-file"] },
  {
    programs: ["uv"],
    verbs: ["run"],
    valued: ["--with", "--python", "-p", "--project", "--group", "--extra", "--env-file"],
  },
  { programs: ["poetry", "pipenv", "pdm", "hatch", "rye"], verbs: ["run"], valued: ["-C", "-P"] },
  { programs: ["bundle"], verbs: ["exec"] },
  { programs: ["mise"], verbs: ["exec", "x"] },
  { programs: ["conda", "micromamba"], verbs: ["run"], valued: ["-n", "--name", "-p", "--prefix"] },
];

/** Programs that read a command line from one of their words: `sh -c "…"`. */
export const shells: readonly string[] = ["sh", "bash", "zsh", "dash"];

/** Programs that serve nothing: they stand in a dev script beside the server, or before it. */
export const tools: ReadonlySet<string> = new Set(
  `tsc vue-tsc tsc-watch tsup tsdown unbuild rollup esbuild swc babel typedoc
  tailwindcss @tailwindcss/cli sass postcss lessc unocss panda
  eslint oxlint prettier oxfmt biome stylelint svelte-check svelte-kit vitest jest
  graphql-codegen prisma drizzle-kit wait-on wait-port rimraf shx cpx copyfiles
  electron open open-cli onchange chokidar husky git kill-port ngrok stripe
  mkdir cp mv rm ln echo printf sleep wait true test exit cat clear cd
  docker docker-compose tee xargs export set source`.split(/\s+/),
);
