import { readClaudeLaunch } from "./claude-launch.ts";
import { defaultName, namedOrFirst } from "./definition.ts";
import type { Definition } from "./definition.ts";
import type { ChosenCommand, LaunchSearch } from "../launch-search.ts";
import { readProcfile } from "./procfile.ts";
import { readCommand } from "../read-command.ts";
import { readVscodeLaunch } from "./vscode-launch.ts";

/** Of `.claude/launch.json`, the configuration called like the preview, else the first front end, else the first. */
export async function fromClaudeLaunch(search: LaunchSearch): Promise<ChosenCommand | undefined> {
  const read = await readAll(search, await definitionsFor(search, readClaudeLaunch));
  const named = namedOrFirst(
    read.map((each) => ({ ...each, name: each.definition.name })),
    search.name,
  );
  if (named === undefined || search.name !== defaultName || named.name === defaultName) return named?.command;
  return (read.find(({ command }) => command.launch.recipe?.serves === "pages") ?? named).command;
}

/** Of `.vscode/launch.json`, only what is known to be a server: nobody wrote it for us. */
export async function fromVscodeLaunch(search: LaunchSearch): Promise<ChosenCommand | undefined> {
  const read = await readAll(search, await definitionsFor(search, readVscodeLaunch));
  const servers = read.filter(({ command }) => command.launch.kind === "server");
  return namedOrFirst(
    servers.map((each) => ({ ...each, name: each.definition.name })),
    search.name,
  )?.command;
}

export async function fromProcfile(
  search: LaunchSearch,
  file: "Procfile.dev" | "Procfile",
): Promise<ChosenCommand | undefined> {
  const { within, name, reading } = search;
  const definition = await readProcfile(reading.packages.files, { directory: within.directory, file, name });
  return definition === undefined ? undefined : await readDefinition(search, definition);
}

type Reader = typeof readClaudeLaunch;

/** Those of the directory itself, and those of the workspace root that are for this directory. */
async function definitionsFor(
  { reading, within, explicit }: LaunchSearch,
  read: Reader,
): Promise<readonly Definition[]> {
  const { files } = reading.packages;
  const own = await read(files, within.directory);
  const above = within.directory === "" ? [] : await read(files, "");
  const here = (each: Definition): boolean => (each.directory ?? within.directory) === within.directory;
  return [
    ...own.filter((each) => !explicit || here(each)),
    ...above.filter((each) => each.directory === within.directory),
  ];
}

async function readAll(
  search: LaunchSearch,
  definitions: readonly Definition[],
): Promise<readonly { definition: Definition; command: ChosenCommand }[]> {
  const read = await Promise.all(
    definitions.map(async (definition) => ({ definition, command: await readDefinition(search, definition) })),
  );
  return read.flatMap(({ definition, command }) => (command === undefined ? [] : [{ definition, command }]));
}

/** A definition for a directory that is gone says nothing. */
async function readDefinition(search: LaunchSearch, definition: Definition): Promise<ChosenCommand | undefined> {
  const { packages } = search.reading;
  const directory = definition.directory ?? search.within.directory;
  if (directory !== search.within.directory && !(await packages.files.exists(directory))) return undefined;
  const read = await readCommand(search, {
    line: definition.command,
    source: definition.source,
    within: await packages.at(directory),
    env: definition.env,
  });
  return definition.port === undefined ? read : { ...read, port: definition.port };
}
