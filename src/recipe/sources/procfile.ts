import { join } from "node:path/posix";
import { defaultName, namedOrFirst } from "./definition.ts";
import type { Definition } from "./definition.ts";
import type { ProjectFiles } from "../project-files.ts";

/**
 * The line of a Procfile that serves: the one called like the preview, else `web`. What only watches
 * and rebuilds (`css: yarn build:css --watch`) runs beside it, so that the page has its assets;
 * workers and other servers do not.
 */
export async function readProcfile(
  files: ProjectFiles,
  place: { directory: string; file: "Procfile.dev" | "Procfile"; name: string },
): Promise<Definition | undefined> {
  const text = await files.readText(join(place.directory, place.file));
  const lines = (text ?? "").split("\n").flatMap((line) => {
    const [, name = "", command = ""] = /^([\w-]+):(.*)$/.exec(line.trimEnd()) ?? [];
    return command.trim() === "" ? [] : [{ name, command: command.trim() }];
  });
  const web = lines.filter(({ name }) => name === defaultName);
  const chosen = namedOrFirst(place.name === defaultName ? web : lines, place.name);
  if (chosen === undefined) return undefined;
  const watchers = place.file === "Procfile" ? [] : lines.filter((line) => line !== chosen && isWatcher(line.command));
  const command = [...watchers, chosen].map((each) => each.command).join(" & ");
  return { source: place.file, name: chosen.name, command, env: {} };
}

function isWatcher(command: string): boolean {
  return /\bwatch\b/.test(command) && !/\b(?:serve|server|runserver|node|nodemon|tsx|bun|deno)\b/.test(command);
}
