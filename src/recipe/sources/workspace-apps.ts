import { PreviewError } from "../../errors.ts";
import { quoted } from "../../plain-words.ts";
import { defaultName } from "./definition.ts";
import type { ChosenCommand, LaunchSearch } from "../launch-search.ts";
import { readablePackages } from "../package.ts";
import type { Package } from "../package.ts";
import { readProjectFile } from "../project-file.ts";
import type { ProjectFile } from "../project-file.ts";
import { unscoped } from "../workspace.ts";

/** A package that serves. */
interface App {
  readonly package: Package;
  readonly file: ProjectFile | undefined;
  readonly chosen: ChosenCommand;
}

/** Finds how one package is launched, `undefined` where nothing of it serves. */
type Choose = (search: LaunchSearch) => Promise<ChosenCommand | undefined>;

const mostPackages = 300;

/**
 * The one app of a workspace, or of the folders of a project that is none: the package called like the
 * preview; else the only front end, the only documentation, or the only server. Of several it throws
 * `repo_dir_required` with the list; without any it returns `undefined`.
 */
export async function fromPackages(search: LaunchSearch, choose: Choose): Promise<ChosenCommand | undefined> {
  const apps = await findApps(search, choose);
  const named = search.name === defaultName ? [] : apps.filter((app) => isCalled(app.package, search.name));
  const kinds = (["pages", "docs", "api", "files"] as const).map((kind) =>
    apps.filter(({ chosen }) => chosen.launch.recipe?.serves === kind),
  );
  const candidates = [named, ...kinds].find((list) => list.length > 0) ?? [];
  const [only, ...others] = candidates;
  if (only === undefined) return undefined;
  if (others.length > 0) throw severalApps(search, kinds.flat());
  return { ...only.chosen, member: { name: unscoped(only.package), file: only.file } };
}

async function findApps(search: LaunchSearch, choose: Choose): Promise<readonly App[]> {
  const packages = (await packagesBelow(search)).slice(0, mostPackages);
  const apps = await Promise.all(packages.map((each) => appOf(search, each, choose)));
  return apps.filter((app) => app !== undefined);
}

async function appOf(search: LaunchSearch, each: Package, choose: Choose): Promise<App | undefined> {
  const file = await readProjectFile(search.reading.packages.files, each.directory);
  const chosen = await choose({ ...search, within: each, explicit: true, name: defaultName, file });
  return chosen?.launch.recipe === undefined ? undefined : { package: each, file, chosen };
}

/** The members of the workspace; without one, the folders directly below. */
async function packagesBelow({ reading, within }: LaunchSearch): Promise<readonly Package[]> {
  const { packages, workspace } = reading;
  if ((await workspace.root()) === within.directory) return await workspace.members();
  const folders = await packages.files.folders(within.directory);
  const visible = folders.filter((name) => !name.startsWith(".") && !notApps.has(name));
  const below = visible.map((name) => (within.directory === "" ? name : `${within.directory}/${name}`));
  return await readablePackages(packages, below);
}

const notApps = new Set([
  "node_modules",
  "dist",
  "build",
  "out",
  "vendor",
  "venv",
  "env",
  "target",
  "coverage",
  "test",
]);

function isCalled(app: Package, name: string): boolean {
  return unscoped(app) === name || app.directory.endsWith(`/${name}`) || app.directory === name;
}

const mostListed = 12;

function severalApps({ workspaceRoot }: LaunchSearch, apps: readonly App[]): PreviewError {
  const listed = apps.slice(0, mostListed).map((app) => {
    return `${quoted(app.package.directory, 80)} (${app.chosen.launch.recipe?.framework ?? "unknown"})`;
  });
  const more = apps.length > mostListed ? ` and ${apps.length - mostListed} more` : "";
  return new PreviewError("repo_dir_required", `several apps are in ${workspaceRoot}: ${listed.join(", ")}${more}`, {
    hint: "Pass repoDir with one of these directories; give each its own name to run several at once.",
  });
}
