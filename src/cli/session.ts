import type { Command } from "commander";
import { examples, newCommand, withPlaneOptions } from "./new-command.ts";
import type { TargetFlags } from "./new-command.ts";
import { runAction } from "./run-action.ts";
import { table } from "./show-preview.ts";

interface SessionFlags extends TargetFlags {
  readonly org?: string;
  readonly user?: string;
}

export function createSessionCommand(): Command {
  return newCommand("session", "List and end the logins of people at gated links")
    .addCommand(createList())
    .addCommand(createEnd())
    .addHelpText("after", examples("dev-preview session list", "dev-preview session end --user ada"));
}

function createList(): Command {
  return withSessionOptions(newCommand("list", "List who is logged in")).action(
    ({ org, user, ...flags }: SessionFlags) =>
      runAction(flags, async (action) => {
        const sessions = await (await action.toPlane()).sessions.list({ org, user }, { signal: action.signal });
        const rows = sessions.map(({ id, user: who, createdAt, expiresAt }) => [id, who, createdAt, expiresAt]);
        const text = rows.length === 0 ? "nobody is logged in\n" : table(["SESSION", "USER", "SINCE", "UNTIL"], rows);
        return { json: { sessions }, text };
      }),
  );
}

function createEnd(): Command {
  const command = newCommand("end", "Log people out, what they have open included").option(
    "--all",
    "every user of the org",
  );
  return withSessionOptions(command).action(
    ({ org, user, all, ...flags }: SessionFlags & { all?: boolean }, self: Command) => {
      if ((user === undefined) === (all !== true)) self.error("error: name a --user, or pass --all", { exitCode: 2 });
      return runAction(flags, async (action) => {
        const client = await action.toPlane();
        const output = await client.sessions.end({ org, user }, { signal: action.signal });
        return {
          json: output,
          text: output.ended === 1 ? "1 session has ended\n" : `${output.ended} sessions have ended\n`,
        };
      });
    },
  );
}

function withSessionOptions(command: Command): Command {
  return withPlaneOptions(
    command
      .option("--user <user>", "as the identity provider names it")
      .option("--org <org>", "another org than the caller's (the plane's own token only)"),
  );
}
