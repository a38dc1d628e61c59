import { join } from "node:path/posix";
import { detectProject } from "../detect-project.ts";
import type { ChosenCommand, LaunchSearch } from "../launch-search.ts";
import { readCommand } from "../read-command.ts";
import { staticServerCommand } from "../static-server/static-server-command.ts";

/** What the directory's dependencies, configuration and sources show it to be. */
export async function fromFiles(search: LaunchSearch): Promise<ChosenCommand | undefined> {
  const detected = await detectProject(search.reading.packages, search.within);
  if (detected === undefined) return undefined;
  return await readCommand(search, { line: detected.command, source: "files" });
}

const pages = ["index.html", "public/index.html", "site/index.html"];

/** A folder with a page in it, served by a server of ours. */
export async function fromPages(search: LaunchSearch): Promise<ChosenCommand | undefined> {
  const { files } = search.reading.packages;
  for (const page of pages) {
    if (!(await files.exists(join(search.within.directory, page)))) continue;
    const folder = page.includes("/") ? page.slice(0, page.indexOf("/")) : ".";
    return await readCommand(search, { line: staticServerCommand(folder), source: "files" });
  }
  return undefined;
}
