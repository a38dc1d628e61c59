import { stripVTControlCharacters } from "node:util";
import type { ListOutput, PreviewOutput } from "../client/client.ts";
import { exitCodes } from "./exit-codes.ts";
import type { Answer } from "./run-action.ts";

/** A preview as an answer: exit code 4 unless it serves. */
export function previewAnswer(preview: PreviewOutput): Answer {
  return {
    json: preview,
    text: previewText(preview),
    exitCode: preview.serving ? exitCodes.ok : exitCodes.notServing,
  };
}

function previewText(preview: PreviewOutput): string {
  const facts = [
    ["url", preview.previewUrl],
    ["public url", preview.publicUrl],
    ["command", preview.command],
    ["directory", preview.repoDir],
    ["port", preview.port?.toString()],
    ["more ports", morePorts(preview)],
    ["framework", preview.framework],
    ["link until", preview.expiresAt],
    ["sleeps at", preview.idleAt],
    ["exit code", preview.exitCode?.toString()],
  ].flatMap(([name = "", value]) => (value === undefined ? [] : [`  ${name.padEnd(10)}  ${plain(value)}`]));
  const problems = preview.problems.flatMap(({ code, message, fix }) => [
    `  ${code}: ${plain(message)}`,
    `    ${plain(fix)}`,
  ]);
  const log = preview.serving ? [] : preview.logTail.map((line) => `  | ${plain(line)}`);
  return `${[headline(preview), ...facts, ...problems, ...log].join("\n")}\n`;
}

function morePorts({ otherPorts, hotReloadPorts = [] }: PreviewOutput): string | undefined {
  return otherPorts?.map((port) => (hotReloadPorts.includes(port) ? `${port} (hot reload)` : `${port}`)).join(", ");
}

function headline({ name, project, status, attached, reused, readyMs }: PreviewOutput): string {
  const how =
    attached === true
      ? ", it was started elsewhere"
      : reused
        ? ", it was running"
        : readyMs === undefined
          ? ""
          : ` after ${readyMs} ms`;
  return `${name} of ${project} is ${status}${how}`;
}

/** One aligned row per preview. */
export function previewTable({ previews }: ListOutput): string {
  const rows = previews.map(({ name, status, port, previewUrl, expiresAt, command }) => [
    name,
    status,
    port?.toString() ?? "-",
    previewUrl ?? "-",
    expiresAt ?? "-",
    command,
  ]);
  return table(["NAME", "STATUS", "PORT", "URL", "LINK UNTIL", "COMMAND"], rows);
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows].map((row) => row.map(plain));
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ");
  return all.map((row) => `${line(row).trimEnd()}\n`).join("");
}

/** Text that a dev server or a project chose must not move the cursor or recolour the terminal. */
export function plain(text: string): string {
  return stripVTControlCharacters(text).replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, "");
}
