import { loadavg, cpus } from "node:os";

/** Nearest-rank quantile of unsorted samples. */
export function quantile(samples, q) {
  const sorted = samples.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)];
}

export const median = (samples) => quantile(samples, 0.5);
export const p99 = (samples) => quantile(samples, 0.99);

/** Milliseconds as they are worth printing. */
export function ms(value) {
  return value >= 100 ? value.toFixed(0) : value.toFixed(1);
}

/** A markdown table, columns padded so that it also reads on a terminal. */
export function printTable(header, rows) {
  const cells = [header, ...rows].map((row) => row.map(String));
  const widths = header.map((_, column) => Math.max(...cells.map((row) => row[column].length)));
  const line = (row) => `| ${row.map((cell, column) => cell.padEnd(widths[column])).join(" | ")} |`;
  const rule = `|${widths.map((width) => "-".repeat(width + 2)).join("|")}|`;
  process.stdout.write(`\n${[line(cells[0]), rule, ...cells.slice(1).map(line)].join("\n")}\n\n`);
}

export function say(text) {
  process.stdout.write(`${text}\n`);
}

/** What a figure is worth depends on who else computes. */
export function sayMachine() {
  const load = loadavg()
    .map((value) => value.toFixed(2))
    .join(" ");
  say(`${cpus().length} cores, Node ${process.versions.node}, load ${load}`);
}
