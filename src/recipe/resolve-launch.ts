import { join } from "node:path/posix";
import { PreviewError } from "../errors.ts";
import { needsArguments } from "./line/arguments.ts";
import { chooseCommand } from "./choose-command.ts";
import { defaultName } from "./sources/definition.ts";
import { detectProject } from "./detect-project.ts";
import { planInstall } from "./install-plan.ts";
import { launchEnv, recipeEnv } from "./launch-env.ts";
import type { ChosenCommand } from "./launch-search.ts";
import type { LaunchPlan, LaunchProblem, LaunchQuestion } from "./launch-plan.ts";
import { createPackages } from "./package.ts";
import type { Packages } from "./package.ts";
import { invalid, projectFileName, readProjectFile } from "./project-file.ts";
import type { ProjectFile } from "./project-file.ts";
import type { ProjectFiles } from "./project-files.ts";
import type { Recipe } from "./recipe.ts";
import type { RepoDir } from "./repo-dir.ts";
import { workspaceOf } from "./workspace.ts";

export type { LaunchPlan };

/**
 * How a project is launched: the command (`chooseCommand` has the order), its arguments and
 * environment for a port. Throws `repo_dir_outside_workspace`, `repo_dir_missing`, `repo_dir_required`
 * and `project_file_invalid`.
 */
export async function resolveLaunch(question: LaunchQuestion): Promise<LaunchPlan> {
  const { files, request } = question;
  const { repoDir, file, explicit } = await locate(files, request.repoDir);
  const packages = createPackages(files);
  const within = await packages.at(repoDir.relativePath);
  const chosen = await chooseCommand({
    reading: { packages, workspace: workspaceOf(packages, repoDir.relativePath) },
    within,
    explicit,
    name: request.name ?? defaultName,
    command: request.command,
    file,
    defaultCommand: question.defaultCommand,
    workspaceRoot: question.workspaceRoot,
  });
  const place = await placeOf(files, chosen, repoDir);
  return withoutNul(await planOf(question, { packages, chosen, file: chosen.member?.file ?? file, repoDir: place }));
}

/**
 * The directory to run in (argument, else the root file's `repoDir`, else the root) and the
 * dev-preview.json that counts for it: its own, else the root's unless that is for another directory.
 */
async function locate(
  files: ProjectFiles,
  named: string | undefined,
): Promise<{ repoDir: RepoDir; file: ProjectFile | undefined; explicit: boolean }> {
  const rootFile = await readProjectFile(files, "");
  const rootTarget = rootFile?.repoDir === undefined ? undefined : await files.repoDir(rootFile.repoDir);
  const repoDir = named === undefined && rootTarget !== undefined ? rootTarget : await files.repoDir(named);
  const explicit = named !== undefined || rootTarget !== undefined;
  const shared = rootTarget === undefined || rootTarget.path === repoDir.path ? rootFile : undefined;
  if (repoDir.relativePath === "") return { repoDir, file: shared, explicit };
  const own = await readProjectFile(files, repoDir.relativePath);
  if (own?.repoDir !== undefined) {
    const path = join(repoDir.relativePath, projectFileName);
    throw invalid(path, ["repoDir: only the file in the workspace root may name a directory"]);
  }
  return { repoDir, file: own ?? shared, explicit };
}

/** A definition, or the only app of a workspace, may be in another directory than was asked for. */
async function placeOf(files: ProjectFiles, { within }: ChosenCommand, asked: RepoDir): Promise<RepoDir> {
  return within.directory === asked.relativePath ? asked : await files.repoDir(within.directory);
}

interface Resolved {
  readonly packages: Packages;
  readonly chosen: ChosenCommand;
  readonly file: ProjectFile | undefined;
  readonly repoDir: RepoDir;
}

async function planOf(question: LaunchQuestion, resolved: Resolved): Promise<LaunchPlan> {
  const { request } = question;
  const { packages, chosen, file, repoDir } = resolved;
  const { recipe, secondPorts, company } = chosen.launch;
  // a command that cannot be read still starts what the project is made of
  const likely = recipe ?? (await likelyRecipe(resolved));
  const dependencies = await planInstall(packages.files, chosen, repoDir.path);
  const port = wantedPort(question, resolved);
  const name = nameOf(chosen, likely);
  return {
    repoDir: repoDir.path,
    readyPath: request.readyPath ?? file?.readyPath ?? recipe?.readyPath ?? "/",
    ...(recipe === undefined ? {} : { framework: recipe.framework }),
    ...(port === undefined ? {} : { wantedPort: port }),
    ...(dependencies.install === undefined ? {} : { install: dependencies.install }),
    hostMode: likely?.hostMode ?? "local",
    socketScript: likely?.socketScript ?? false,
    ...(secondPorts.length === 0 ? {} : { secondPorts }),
    company,
    ...(name === undefined ? {} : { name }),
    source: chosen.source,
    problems: [...chosen.problems, ...portProblems(chosen, likely, repoDir.path), ...dependencies.problems],
    render: (leased) => ({
      command: chosen.launch.render(leased),
      env: environment(question, resolved, leased),
    }),
  };
}

/** Neither a program nor the database takes a NUL. Those that a caller names were looked at before. */
function withoutNul(plan: LaunchPlan): LaunchPlan {
  const { command, env } = plan.render(plan.wantedPort ?? 0);
  if (![command, ...Object.entries(env).flat()].some((text) => text.includes("\0"))) return plan;
  throw new PreviewError(
    "project_file_invalid",
    `the command or environment of the project (${plan.source}) has a NUL`,
    {
      hint: "Remove that character from the file, or pass a command.",
    },
  );
}

async function likelyRecipe({ packages, chosen }: Resolved): Promise<Recipe | undefined> {
  return (await detectProject(packages, chosen.within))?.recipe;
}

function wantedPort({ request }: LaunchQuestion, { chosen, file }: Resolved): number | undefined {
  // a port that a package.json script fixes is a default of its author, not a wish: two worktrees share it
  const meant = chosen.source === "argument" || chosen.source === projectFileName;
  const fixed = meant ? chosen.launch.fixedPort : chosen.port;
  return request.port ?? portOf(request.env) ?? file?.port ?? portOf(file?.env) ?? fixed;
}

function portOf(env: Readonly<Record<string, string>> | undefined): number | undefined {
  const port = Number(env?.["PORT"]);
  return Number.isInteger(port) && port >= 1024 && port <= 65_535 ? port : undefined;
}

/** Ours, then the recipe's, then the project's, then the caller's; PORT is always the leased one. */
function environment(
  { publicDomain, request }: LaunchQuestion,
  { chosen, file }: Resolved,
  port: number,
): Readonly<Record<string, string>> {
  const { launch } = chosen;
  const known = { ...recipeEnv(launch.recipe, publicDomain), ...launch.env };
  const given = Object.entries({ ...known, ...chosen.env, ...file?.env, ...request.env });
  const filled = given.map(([name, value]) => [name, value.replaceAll("{port}", String(port))] as const);
  return { ...launchEnv(publicDomain), ...Object.fromEntries(filled), PORT: String(port) };
}

/** Where no argument gets through and the environment is not enough, the server takes a port of its own. */
function portProblems(
  { launch }: ChosenCommand,
  likely: Recipe | undefined,
  directory: string,
): readonly LaunchProblem[] {
  const guessed = launch.kind === "unknown" && likely !== undefined && needsArguments(likely);
  if (likely === undefined || !(launch.unpassed || guessed)) return [];
  const where = `the command in ${directory}`;
  if (launch.fixedPort !== undefined && !needsArguments(likely)) {
    const message = `${where} fixes port ${launch.fixedPort} and lets no other through: the preview follows it, and two copies cannot run at once`;
    return [{ code: "port_not_passed", message }];
  }
  const usual = likely.defaultPort === undefined ? "" : ` (usually ${likely.defaultPort})`;
  const message = `${likely.framework} reads its port from its arguments alone, and ${where} lets none through: it chooses a port itself${usual}, which the preview follows`;
  return [{ code: "port_not_passed", message }];
}

const surfaceNames = { pages: "web", files: "web", docs: "docs", api: "api", assets: "assets" } as const;

function nameOf({ member }: ChosenCommand, recipe: Recipe | undefined): string | undefined {
  const slug = member?.name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, 32)
    .replace(/^-+|-+$/g, "");
  if (slug !== undefined && slug !== "") return slug;
  return recipe === undefined ? undefined : surfaceNames[recipe.serves];
}
