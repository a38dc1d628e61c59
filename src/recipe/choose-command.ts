import { fromClaudeLaunch, fromProcfile, fromVscodeLaunch } from "./sources/command-definitions.ts";
import { fromFiles, fromPages } from "./sources/command-files.ts";
import { fromScripts, scriptFansOut } from "./sources/command-scripts.ts";
import type { ChosenCommand, LaunchSearch } from "./launch-search.ts";
import { projectFileName } from "./project-file.ts";
import { readCommand } from "./read-command.ts";
import { fromNx } from "./sources/nx-project.ts";
import { throughTurbo } from "./sources/turbo.ts";
import { fromPackages } from "./sources/workspace-apps.ts";

/**
 * The command to launch: the first of these that there is.
 *
 *  1. the caller's argument
 *  2. dev-preview.json
 *  3. .claude/launch.json: the configuration called like the preview, else the first front end
 *  4. a script of package.json or task of deno.json; not one that starts every package of a workspace
 *  5. Procfile.dev: its web line, with what watches and rebuilds beside it
 *  6. .vscode/launch.json: the first configuration that is known to serve
 *  7. in the root of a workspace: its only web app (`repo_dir_required` lists several)
 *  8. project.json of nx: its target serve, dev or start
 *  9. what dependencies, configuration and sources show
 * 10. Procfile, which is written for production
 * 11. a folder with a page, served by ours
 * 12. in a project that is no workspace: the only web app in a folder directly below
 * 13. a script that 4 passed over because it starts every package, else the organisation's default,
 *     with a problem that says so
 *
 * 2 to 11 are looked for in the directory that the caller named, or in the workspace root; and for 7
 * and 12 in each package.
 */
export async function chooseCommand(search: LaunchSearch): Promise<ChosenCommand> {
  const { command } = search;
  if (command !== undefined) return await readCommand(search, { line: command, source: "argument" });
  return (await findCommand(search)) ?? (await fromScripts(search)) ?? (await fallBack(search));
}

async function findCommand(search: LaunchSearch): Promise<ChosenCommand | undefined> {
  const fansOut = !search.explicit && scriptFansOut(search);
  return (
    (await fromProjectFile(search)) ??
    (await fromClaudeLaunch(search)) ??
    (fansOut ? undefined : await fromScripts(search)) ??
    (await fromProcfile(search, "Procfile.dev")) ??
    (await fromVscodeLaunch(search)) ??
    (await fromWorkspace(search)) ??
    (await fromNx(search)) ??
    (await fromFiles(search)) ??
    (await fromProcfile(search, "Procfile")) ??
    (await fromPages(search)) ??
    (await fromFolders(search))
  );
}

async function fromProjectFile(search: LaunchSearch): Promise<ChosenCommand | undefined> {
  const line = search.file?.command;
  return line === undefined ? undefined : await readCommand(search, { line, source: projectFileName });
}

async function fromWorkspace(search: LaunchSearch): Promise<ChosenCommand | undefined> {
  if (!(await isWorkspaceRoot(search))) return undefined;
  const app = await fromPackages(search, findCommand);
  return app === undefined ? undefined : await throughTurbo(search, app);
}

async function fromFolders(search: LaunchSearch): Promise<ChosenCommand | undefined> {
  if (search.explicit || (await isWorkspaceRoot(search))) return undefined;
  return await fromPackages(search, findCommand);
}

async function isWorkspaceRoot({ explicit, reading, within }: LaunchSearch): Promise<boolean> {
  return !explicit && (await reading.workspace.root()) === within.directory;
}

async function fallBack(search: LaunchSearch): Promise<ChosenCommand> {
  const { defaultCommand, workspaceRoot, within } = search;
  const chosen = await readCommand(search, { line: defaultCommand, source: "default" });
  const place = within.directory === "" ? workspaceRoot : `${workspaceRoot}/${within.directory}`;
  const message = `no command was given, nothing in ${place} is seen to start a server (no script, definition or framework), and there is no ${projectFileName}: the default \`${defaultCommand}\` is run`;
  return { ...chosen, problems: [{ code: "no_dev_command", message }] };
}
