import type { Command } from "commander";
import type { PreviewOutput } from "../client/client.ts";
import { exitCodes } from "./exit-codes.ts";
import { examples, newCommand, parseNumber, sharingOf, withSharingOptions, withTargetOptions } from "./new-command.ts";
import type { SharingFlags, TargetFlags } from "./new-command.ts";
import { runAction } from "./run-action.ts";
import type { Answer } from "./run-action.ts";
import { previewAnswer } from "./show-preview.ts";

interface UrlFlags extends TargetFlags, SharingFlags {
  readonly label?: string;
  readonly port?: number;
  readonly path?: string;
  readonly ttl?: number;
  readonly rotate?: boolean;
  readonly wait: number;
}

export function createUrlCommand(): Command {
  const command = newCommand("url", "Print the URL of a preview")
    .argument("[name]", "which preview of the project; default: web, or the one of --port")
    .option("--port <port>", "the preview on this port, also of a server that you started yourself", parseNumber)
    .option("--path <path>", "path to append")
    .option("--ttl <seconds>", "life of the link", parseNumber)
    .option("--label <label>", "a further link, for whom or what the label says: it ends by itself")
    .option("--rotate", "revoke the present link and mint another")
    .option("--wait <seconds>", "how long to wait until it serves, at most 45", parseNumber, 0);
  return withTargetOptions(withSharingOptions(command))
    .addHelpText(
      "after",
      examples(
        "dev-preview url",
        "dev-preview url api --path /docs",
        "dev-preview url --port 5173",
        "dev-preview url --rotate",
        "dev-preview url --label reviewer --ttl 86400",
      ),
    )
    .action((name: string | undefined, flags: UrlFlags) =>
      runAction(flags, async (action) => {
        const client = await action.toProject();
        const onPhase = ({ message }: { message: string }) => action.progress.tell(message);
        const preview = await client.url(inputOf(name, flags), { signal: action.signal, onPhase });
        if (preview.expiresAt !== undefined) action.progress.note(`link until ${preview.expiresAt}`);
        return urlAnswer(preview);
      }),
    );
}

/** The URL alone on stdout, so that it can be handed on; everything else only when there is none to hand on. */
function urlAnswer(preview: PreviewOutput): Answer {
  if (preview.previewUrl === undefined) return previewAnswer(preview);
  const exitCode = preview.serving ? exitCodes.ok : exitCodes.notServing;
  return { json: preview, text: `${preview.previewUrl}\n`, exitCode };
}

function inputOf(name: string | undefined, { port, path, ttl, rotate, wait, label, ...flags }: UrlFlags) {
  return {
    ...sharingOf(flags),
    ...(label === undefined ? {} : { label }),
    waitSeconds: wait,
    ...(name === undefined ? {} : { name }),
    ...(port === undefined ? {} : { port }),
    ...(path === undefined ? {} : { path }),
    ...(ttl === undefined ? {} : { ttlSeconds: ttl }),
    ...(rotate === undefined ? {} : { rotate }),
  };
}
