import type { Command } from "commander";
import { describeSettings } from "../describe-settings.ts";
import { examples, newCommand } from "./new-command.ts";
import { reportError } from "./run-action.ts";

interface ServeFlags extends Readonly<Record<string, unknown>> {
  readonly config?: string;
  readonly json?: boolean;
}

/** Every setting but the secret ones has a flag of its own: `--gateway-port 8081`. */
export function createServeCommand(): Command {
  const command = newCommand("serve", "Run the plane in the foreground until Ctrl-C; dev servers go on")
    .option(
      "--config <file>",
      "configuration file; default: dev-preview.config.json in the state directory, when there",
    )
    .option("--json", "print one JSON document when it serves");
  for (const setting of describeSettings()) {
    if (setting.secret) continue;
    const flag = `--${kebabCase(setting.name)}${setting.onOff ? "" : " <value>"}`;
    const fallback = setting.fallback === "" ? "" : `; default: ${setting.fallback}`;
    command.option(flag, `${setting.description} (${setting.env})${fallback}`);
  }
  return command
    .addHelpText(
      "after",
      examples(
        "dev-preview serve",
        "dev-preview serve --gateway-port 8081",
        "DATABASE_URL=postgres://… dev-preview serve",
      ),
    )
    .action(async (flags: ServeFlags) => {
      try {
        await serve(flags);
      } catch (error) {
        reportError(error, flags);
      }
    });
}

async function serve({ config, json, ...flags }: ServeFlags): Promise<void> {
  const { runServe } = await import("./serve.ts");
  await runServe({
    config,
    flags,
    onReady: ({ controlUrl, gatewayPort }) =>
      process.stdout.write(
        json === true
          ? `${JSON.stringify({ controlUrl, gatewayPort })}\n`
          : `plane ready\n  control  ${controlUrl}\n  gateway  port ${gatewayPort}\n`,
      ),
  });
}

function kebabCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
