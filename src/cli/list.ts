import type { Command } from "commander";
import { examples, newCommand, withTargetOptions } from "./new-command.ts";
import type { TargetFlags } from "./new-command.ts";
import { runAction } from "./run-action.ts";
import { previewTable } from "./show-preview.ts";

interface ListFlags extends TargetFlags {
  readonly all?: boolean;
}

export function createListCommand(): Command {
  const command = newCommand("list", "List the project's previews").option("--all", "ended ones too");
  return withTargetOptions(command)
    .addHelpText("after", examples("dev-preview list", "dev-preview list --all --json"))
    .action(({ all = false, ...flags }: ListFlags) =>
      runAction(flags, async (action) => {
        const client = await action.toProject();
        const output = await client.list({ includeStopped: all }, { signal: action.signal });
        return { json: output, text: output.previews.length === 0 ? `no previews\n` : previewTable(output) };
      }),
    );
}
