import type { Command } from "commander";
import type { LinkOutput } from "../client/client.ts";
import { examples, newCommand, parseNumber, withTargetOptions } from "./new-command.ts";
import type { TargetFlags } from "./new-command.ts";
import { runAction } from "./run-action.ts";
import { table } from "./show-preview.ts";

export function createLinkCommand(): Command {
  return newCommand("link", "List, rotate and revoke the links of a project's previews")
    .addCommand(createList())
    .addCommand(createRotate())
    .addCommand(createRevoke())
    .addHelpText(
      "after",
      examples(
        "dev-preview url --label reviewer --ttl 86400",
        "dev-preview link list",
        "dev-preview link revoke 0123456789abcdef",
        "dev-preview link revoke --all",
      ),
    );
}

function createList(): Command {
  const command = newCommand("list", "List the live links").argument("[name]", "of this preview only");
  return withTargetOptions(command).action((name: string | undefined, flags: TargetFlags) =>
    runAction(flags, async (action) => {
      const client = await action.toProject();
      const links = await client.links.list(named(name), { signal: action.signal });
      const header = ["LINK", "PREVIEW", "FOR", "SEEN BY", "UNTIL", "URL"];
      return { json: { links }, text: links.length === 0 ? "no links\n" : table(header, links.map(rowOf)) };
    }),
  );
}

function createRotate(): Command {
  const command = newCommand("rotate", "End a link, and print the one that takes its place")
    .argument("<id>")
    .option("--ttl <seconds>", "life of the new link", parseNumber);
  return withTargetOptions(command).action((id: string, { ttl, ...flags }: TargetFlags & { ttl?: number }) =>
    runAction(flags, async (action) => {
      const client = await action.toProject();
      const link = await client.links.rotate(id, { ttlSeconds: ttl }, { signal: action.signal });
      return { json: link, text: `${link.previewUrl ?? link.id}\nuntil ${link.expiresAt}\n` };
    }),
  );
}

interface RevokeFlags extends TargetFlags {
  readonly all?: boolean;
  readonly name?: string;
}

function createRevoke(): Command {
  const command = newCommand("revoke", "End a link, what is open through it included")
    .argument("[id]")
    .option("--all", "every link of the project")
    .option("--name <name>", "with --all: of this preview only");
  return withTargetOptions(command).action(
    (id: string | undefined, { all, name, ...flags }: RevokeFlags, self: Command) => {
      if ((id === undefined) === (all !== true)) self.error("error: name one link, or pass --all", { exitCode: 2 });
      return runAction(flags, async (action) => {
        const { links } = await action.toProject();
        const { signal } = action;
        const output =
          id === undefined ? await links.revokeAll(named(name), { signal }) : await links.revoke(id, { signal });
        return {
          json: output,
          text: output.revoked === 1 ? "1 link has ended\n" : `${output.revoked} links have ended\n`,
        };
      });
    },
  );
}

function named(name: string | undefined): { name?: string } {
  return name === undefined ? {} : { name };
}

function rowOf({ id, name, label, signed, guests, expiresAt, previewUrl }: LinkOutput): string[] {
  const seenBy = signed ? "anyone" : ["members", ...(guests ?? [])].join(" ");
  return [id, name, label ?? "-", seenBy, expiresAt, previewUrl ?? "-"];
}
