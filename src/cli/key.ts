import { Option } from "commander";
import type { Command } from "commander";
import type { ApiKeyOutput, MintedKeyOutput } from "../client/client.ts";
import { grantableScopes } from "../scopes.ts";
import type { GrantableScope } from "../scopes.ts";
import { examples, newCommand, parseNumber, withPlaneOptions } from "./new-command.ts";
import type { TargetFlags } from "./new-command.ts";
import { runAction } from "./run-action.ts";
import type { Answer } from "./run-action.ts";
import { table } from "./show-preview.ts";

interface KeyFlags extends TargetFlags {
  readonly org?: string;
}

export function createKeyCommand(): Command {
  return newCommand("key", "Make, list, rotate and revoke API keys")
    .addCommand(createCreate())
    .addCommand(createList())
    .addCommand(createRotate())
    .addCommand(createRevoke())
    .addHelpText(
      "after",
      examples(
        "dev-preview key create orchestrator --org acme --scope preview:write",
        "dev-preview key create ci --scope preview:read --only shop --ttl 86400",
        "dev-preview key rotate 0123456789abcdef --grace 3600",
      ),
    );
}

interface CreateFlags extends KeyFlags {
  readonly scope: GrantableScope[];
  readonly user?: string;
  readonly only?: string[];
  readonly ttl?: number;
}

function createCreate(): Command {
  const command = newCommand("create", "Make a key; it is printed this once")
    .argument("<label>", "what the key is for")
    .addOption(
      new Option("--scope <scope...>", "what it may do; each includes those before it")
        .choices(grantableScopes)
        .makeOptionMandatory(),
    )
    .option("--user <user>", "user that it stands for; default: the caller")
    .option("--only <slug...>", "projects that it may touch; default: every project of the org")
    .option("--ttl <seconds>", "life of the key; default: until it is revoked", parseNumber);
  return withKeyOptions(command).action((label: string, { scope, user, only, ttl, org, ...flags }: CreateFlags) =>
    runAction(flags, async (action) => {
      const client = await action.toPlane();
      const request = { label, scopes: scope, user, org, projects: only, ttlSeconds: ttl };
      return mintedAnswer(await client.keys.create(request, { signal: action.signal }));
    }),
  );
}

function createList(): Command {
  return withKeyOptions(newCommand("list", "List the keys of an org")).action(({ org, ...flags }: KeyFlags) =>
    runAction(flags, async (action) => {
      const keys = await (await action.toPlane()).keys.list({ org }, { signal: action.signal });
      const header = ["KEY", "STATUS", "USER", "SCOPES", "PROJECTS", "LAST USED", "LABEL"];
      return { json: { keys }, text: keys.length === 0 ? "no keys\n" : table(header, keys.map(rowOf)) };
    }),
  );
}

function createRotate(): Command {
  const command = newCommand("rotate", "Give a key a new secret; it is printed this once")
    .argument("<id>")
    .option("--grace <seconds>", "how long the secret before is good too; default: 0", parseNumber);
  return withKeyOptions(command).action((id: string, { grace, org, ...flags }: KeyFlags & { grace?: number }) =>
    runAction(flags, async (action) => {
      const client = await action.toPlane();
      return mintedAnswer(await client.keys.rotate(id, { org, graceSeconds: grace }, { signal: action.signal }));
    }),
  );
}

function createRevoke(): Command {
  const command = newCommand("revoke", "End a key; repeating it is fine").argument("<id>");
  return withKeyOptions(command).action((id: string, { org, ...flags }: KeyFlags) =>
    runAction(flags, async (action) => {
      const key = await (await action.toPlane()).keys.revoke(id, { org }, { signal: action.signal });
      return { json: key, text: `${key.id} (${key.label}) is revoked\n` };
    }),
  );
}

function withKeyOptions(command: Command): Command {
  return withPlaneOptions(command.option("--org <org>", "another org than the caller's (the plane's own token only)"));
}

/** The key alone on stdout's first line, so that a script can take it. */
function mintedAnswer(key: MintedKeyOutput): Answer {
  const until = key.expiresAt === undefined ? "until it is revoked" : `until ${key.expiresAt}`;
  return { json: key, text: `${key.key}\n${key.id} for ${key.user} of ${key.org}, ${until}; it is not shown again\n` };
}

function rowOf(key: ApiKeyOutput): string[] {
  const { id, status, user, scopes, projects, lastUsedAt, label } = key;
  return [id, status, user, scopes.join(" "), projects?.join(" ") ?? "all", lastUsedAt ?? "never", label];
}
