import { Argument } from "commander";
import type { Command } from "commander";
import { currentDirectory, findWorkingTree } from "../client/working-tree.ts";
import { PreviewError } from "../errors.ts";
import { clientSnippet, frontCommand, mcpClients } from "./client-snippets.ts";
import type { McpClient } from "./client-snippets.ts";
import { examples, newCommand } from "./new-command.ts";
import { readPackageInfo } from "./package-info.ts";
import { reportError } from "./run-action.ts";

export function createConfigCommand(): Command {
  return newCommand("config", "Print what connects an MCP client, ready to paste")
    .addArgument(new Argument("<client>", "which client").choices(mcpClients))
    .option("--json", "print one JSON document")
    .addHelpText(
      "after",
      examples("dev-preview config claude-code", "dev-preview config codex >> ~/.codex/config.toml"),
    )
    .action((client: McpClient, flags: { json?: boolean }) => {
      try {
        print(client, flags);
      } catch (error) {
        reportError(error, flags);
      }
    });
}

/** The snippet alone goes to stdout, so that it can be appended to a file. */
function print(client: McpClient, { json }: { json?: boolean }): void {
  const { isCheckout, bin } = readPackageInfo();
  const front = frontCommand({ isCheckout, bin, node: process.execPath });
  const { where, text } = clientSnippet(client, front, rootHere());
  if (json === true) process.stdout.write(`${JSON.stringify({ client, where, snippet: text }, null, 2)}\n`);
  else {
    process.stderr.write(`${where}:\n`);
    process.stdout.write(`${text}\n`);
  }
}

/** The project one stands in, else a place that has to be filled in. */
function rootHere(): string {
  try {
    return findWorkingTree(currentDirectory()).root;
  } catch (error) {
    if (error instanceof PreviewError) return "/path/to/your/project";
    throw error;
  }
}
