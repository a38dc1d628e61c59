import { join, relative } from "node:path/posix";
import { resolveCommand } from "package-manager-detector/commands";
import { directRun } from "./direct-run.ts";
import { checkDependencies } from "./install-command.ts";
import type { DependencyQuestion } from "./install-command.ts";
import { launchCommand } from "./launch-command.ts";
import type { LaunchCommand } from "./launch-command.ts";
import { launchEnv } from "./launch-env.ts";
import { readPackageJson } from "./package-json.ts";
import type { PackageJson } from "./package-json.ts";
import type { LaunchPlan, LaunchProblem, LaunchQuestion } from "./launch-plan.ts";
import { findPackageManager } from "./package-manager.ts";
import type { PackageManager } from "./package-manager.ts";
import { invalid, projectFileName, readProjectFile } from "./project-file.ts";
import type { ProjectFile } from "./project-file.ts";
import type { ProjectFiles } from "./project-files.ts";
import type { RepoDir } from "./repo-dir.ts";

export type { LaunchPlan };

/**
 * How a project is launched: the command (argument, else dev-preview.json, else the package.json
 * script dev, start or serve, else the default), its flags and environment for a port.
 * Throws `repo_dir_outside_workspace`, `repo_dir_missing` and `project_file_invalid`.
 */
export async function resolveLaunch(question: LaunchQuestion): Promise<LaunchPlan> {
  const { files, request } = question;
  const { repoDir, file } = await locate(files, request.repoDir);
  const manifest = await readPackageJson(files, repoDir.relativePath);
  const manager = await findPackageManager(files, repoDir.relativePath);
  const chosen = await chooseCommand(question, { repoDir, file, manifest, manager });
  const command = launchCommand(chosen.command, manifest);
  const dependencies = await dependencyPlan(files, { repoDir, manager, recipe: command.recipe });
  const port = wantedPort({ request, file, chosen, command });
  return {
    repoDir: repoDir.path,
    readyPath: request.readyPath ?? file?.readyPath ?? "/",
    ...(command.recipe === undefined ? {} : { framework: command.recipe.framework }),
    ...(port === undefined ? {} : { wantedPort: port }),
    ...(dependencies.install === undefined ? {} : { install: dependencies.install }),
    hostMode: command.recipe?.hostMode ?? "local",
    source: chosen.source,
    problems: [...chosen.problems, ...dependencies.problems],
    render: (leased) => ({
      command: command.render(leased),
      env: environment(question, { chosen, command, file, port: leased }),
    }),
  };
}

/**
 * The directory to run in (argument, else the root file's `repoDir`, else the root) and the
 * dev-preview.json that counts for it: its own, else the root's unless that is for another directory.
 */
async function locate(
  files: ProjectFiles,
  named: string | undefined,
): Promise<{ repoDir: RepoDir; file: ProjectFile | undefined }> {
  const rootFile = await readProjectFile(files, "");
  const rootTarget = rootFile?.repoDir === undefined ? undefined : await files.repoDir(rootFile.repoDir);
  const repoDir = named === undefined && rootTarget !== undefined ? rootTarget : await files.repoDir(named);
  const shared = rootTarget === undefined || rootTarget.path === repoDir.path ? rootFile : undefined;
  if (repoDir.relativePath === "") return { repoDir, file: shared };
  const own = await readProjectFile(files, repoDir.relativePath);
  if (own?.repoDir !== undefined) {
    const path = join(repoDir.relativePath, projectFileName);
    throw invalid(path, ["repoDir: only the file in the workspace root may name a directory"]);
  }
  return { repoDir, file: own ?? shared };
}

interface Chosen {
  readonly command: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly source: LaunchPlan["source"];
  readonly problems: readonly LaunchProblem[];
}

interface Found {
  readonly repoDir: RepoDir;
  readonly file: ProjectFile | undefined;
  readonly manifest: PackageJson | undefined;
  readonly manager: PackageManager;
}

const scriptNames = ["dev", "start", "serve"];

async function chooseCommand(question: LaunchQuestion, found: Found): Promise<Chosen> {
  const { files, request, defaultCommand, workspaceRoot } = question;
  const { repoDir, file, manifest, manager } = found;
  if (request.command !== undefined) return { command: request.command, source: "argument", problems: [] };
  if (file?.command !== undefined) return { command: file.command, source: projectFileName, problems: [] };
  const script = scriptNames.find((name) => (manifest?.scripts?.[name] ?? "").trim() !== "");
  if (manifest !== undefined && script !== undefined) {
    const direct = await directRun(files, { script, manifest, manager, directory: repoDir.relativePath });
    return { command: runScript(manager, script), ...direct, source: "script", problems: [] };
  }
  const message = `no command was given, package.json in ${repoDir.path} has no script dev, start or serve, and ${workspaceRoot} has no ${projectFileName} for it: the default \`${defaultCommand}\` is run`;
  return { command: defaultCommand, source: "default", problems: [{ code: "no_dev_command", message }] };
}

function runScript({ agent, name }: PackageManager, script: string): string {
  const run = resolveCommand(agent, "run", [script]);
  return run === null ? `${name} run ${script}` : [run.command, ...run.args].join(" ");
}

function wantedPort({ request, file, chosen, command }: Wishes): number | undefined {
  // a port that a package.json script fixes is a default of its author, not a wish: two worktrees share it
  const fixed = chosen.source === "argument" || chosen.source === projectFileName ? command.fixedPort : undefined;
  return request.port ?? portOf(request.env) ?? file?.port ?? portOf(file?.env) ?? fixed;
}

interface Wishes {
  readonly request: LaunchQuestion["request"];
  readonly file: ProjectFile | undefined;
  readonly chosen: Chosen;
  readonly command: LaunchCommand;
}

function portOf(env: Readonly<Record<string, string>> | undefined): number | undefined {
  const port = Number(env?.["PORT"]);
  return Number.isInteger(port) && port >= 1024 && port <= 65_535 ? port : undefined;
}

/** Ours, then the recipe's, then the project's, then the caller's; PORT is always the leased one. */
function environment(
  { publicDomain, request }: LaunchQuestion,
  { chosen, command, file, port }: Omit<Wishes, "request"> & { readonly port: number },
): Readonly<Record<string, string>> {
  const given = Object.entries({ ...command.recipe?.env, ...chosen.env, ...file?.env, ...request.env });
  const filled = given.map(([name, value]) => [name, value.replaceAll("{port}", String(port))] as const);
  return { ...launchEnv(publicDomain), ...Object.fromEntries(filled), PORT: String(port) };
}

async function dependencyPlan(
  files: ProjectFiles,
  { repoDir, manager, recipe }: { repoDir: RepoDir } & Omit<DependencyQuestion, "directory">,
): Promise<{ install?: LaunchPlan["install"] & object; problems: readonly LaunchProblem[] }> {
  const found = await checkDependencies(files, { directory: repoDir.relativePath, manager, recipe });
  if (found.state === "present") return { problems: [] };
  const up = relative(join("/", repoDir.relativePath), join("/", found.directory));
  const command = up === "" ? found.command : `cd ${up} && ${found.command}`;
  if (found.state === "installable") return { install: { command, packageManager: manager.name }, problems: [] };
  const message = `${found.missing} is not installed: run \`${command}\` in ${repoDir.path}`;
  return { problems: [{ code: "dependencies_missing", message }] };
}
