import type { Command } from "commander";
import { currentDirectory, findWorkingTree, workingTreeAt } from "../client/working-tree.ts";
import { examples, newCommand, withPlaneOptions } from "./new-command.ts";
import type { TargetFlags } from "./new-command.ts";
import { runAction } from "./run-action.ts";
import { table } from "./show-preview.ts";

export function createProjectCommand(): Command {
  const command = newCommand("project", "Register, list and forget projects");
  return command
    .addCommand(createAdd())
    .addCommand(createList())
    .addCommand(createRemove())
    .addHelpText(
      "after",
      examples(
        "dev-preview project add",
        "dev-preview project add ../shop --slug shop",
        "dev-preview project remove shop",
      ),
    );
}

function createAdd(): Command {
  const command = newCommand("add", "Register a directory; commands run in one register it by themselves")
    .argument("[directory]", "default: this working tree")
    .option("--slug <slug>", "name of the project; default: made from the directory");
  return withPlaneOptions(command).action(
    (directory: string | undefined, { slug, ...flags }: TargetFlags & { slug?: string }) =>
      runAction(flags, async (action) => {
        const tree = directory === undefined ? findWorkingTree(currentDirectory()) : workingTreeAt(directory);
        const client = await action.toPlane();
        const input = { workspaceRoot: tree.root };
        const project = await client.projects.put(slug ?? tree.slug, input, { signal: action.signal });
        return { json: project, text: `${project.slug} is ${project.workspaceRoot}\n` };
      }),
  );
}

function createList(): Command {
  return withPlaneOptions(newCommand("list", "List the registered projects")).action((flags: TargetFlags) =>
    runAction(flags, async (action) => {
      const projects = await (await action.toPlane()).projects.list({ signal: action.signal });
      const rows = projects.map(({ slug, active, workspaceRoot }) => [
        slug,
        active?.port.toString() ?? "-",
        workspaceRoot,
      ]);
      const text = rows.length === 0 ? "no projects\n" : table(["PROJECT", "PORT", "DIRECTORY"], rows);
      return { json: { projects }, text };
    }),
  );
}

function createRemove(): Command {
  const command = newCommand("remove", "Forget a project and its ended previews; its files stay").argument("<slug>");
  return withPlaneOptions(command).action((slug: string, flags: TargetFlags) =>
    runAction(flags, async (action) => {
      const project = await (await action.toPlane()).projects.remove(slug, { signal: action.signal });
      return { json: project, text: `${project.slug} is forgotten\n` };
    }),
  );
}
