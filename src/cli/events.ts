import { Option } from "commander";
import type { Command } from "commander";
import type { AccessPage, Client, EventOutput } from "../client/client.ts";
import { eventTypes } from "../preview/events/events.ts";
import type { EventType } from "../preview/events/events.ts";
import { examples, newCommand, parseNumber, withPlaneOptions } from "./new-command.ts";
import type { TargetFlags } from "./new-command.ts";
import { runAction } from "./run-action.ts";
import type { Action, Answer } from "./run-action.ts";
import { plain, table } from "./show-preview.ts";

type EventRequest = Parameters<Client["events"]["follow"]>[0];

interface EventFlags extends Omit<TargetFlags, "project"> {
  readonly only?: string;
  readonly type?: EventType;
  readonly org?: string;
  readonly after?: number;
  readonly limit: number;
  readonly follow?: boolean;
  readonly accesses?: boolean;
}

export function createEventsCommand(): Command {
  const command = newCommand("events", "Print what happened: previews, links, logins, keys, refusals")
    .addOption(new Option("-f, --follow", "go on until Ctrl-C").conflicts("json"))
    .addOption(new Option("--accesses", "who was let through by links instead").conflicts(["follow", "type"]))
    .addOption(new Option("--type <type>", "events of this type alone").choices(eventTypes))
    .option("--only <slug>", "of this project alone; default: all that the caller may see")
    .option("--org <org>", "another org than the caller's (the plane's own token only)")
    .option("--after <cursor>", "continue after an earlier call (its --json tells the cursor)", parseNumber)
    .option("-n, --limit <count>", "how many, at most 500", parseNumber, 50);
  return withPlaneOptions(command)
    .addHelpText(
      "after",
      examples("dev-preview events", "dev-preview events --follow --only shop", "dev-preview events --accesses --json"),
    )
    .action(({ only, type, org, after, limit, follow: goOn, accesses, ...flags }: EventFlags) =>
      runAction(flags, async (action) => {
        const client = await action.toPlane();
        const query = { project: only, org, after, limit };
        if (accesses === true) return accessAnswer(await client.events.accesses(query, { signal: action.signal }));
        const page = await client.events.list({ ...query, type }, { signal: action.signal });
        if (goOn !== true) return { json: page, text: page.events.map(lineOf).join("") };
        action.print(page.events.map(lineOf).join(""));
        return await follow(action, client, { project: only, org, type, after: page.cursor });
      }),
    );
}

async function follow({ signal, print }: Action, client: Client, query: EventRequest): Promise<Answer> {
  for await (const event of client.events.follow(query, { signal })) print(lineOf(event));
  return { json: undefined, text: "" };
}

/** Time, project, type, who, and the payload as `name=value`. */
function lineOf({ at, project, type, user, data }: EventOutput): string {
  const words = Object.entries(data).map(([name, value]) => `${name}=${printed(value)}`);
  return `${plain([at, project ?? "-", type, user ?? "-", ...words].join("  "))}\n`;
}

function printed(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function accessAnswer(page: AccessPage): Answer {
  const rows = page.accesses.map(({ hour, project, linkId, kind, user, visitor }) => [
    hour,
    project,
    linkId,
    kind,
    user ?? visitor,
  ]);
  const header = ["HOUR", "PROJECT", "LINK", "KIND", "WHO"];
  return { json: page, text: rows.length === 0 ? "no accesses\n" : table(header, rows) };
}
