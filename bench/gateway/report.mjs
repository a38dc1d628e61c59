import { cpus, loadavg, release } from "node:os";
import { median } from "../support/stats.mjs";
import { cores } from "./machine.mjs";

const round = (value) => (value >= 1000 ? Math.round(value).toLocaleString("en") : value.toPrecision(3));
const show = (value) => (value === undefined || Number.isNaN(value) ? "" : round(value));

/** One workload's table, and what became of its goals. */
export function workloadSection(workload, rows) {
  const figures = rows.map(({ peer, runs, failure }) => ({
    peer,
    failure,
    value: failure === undefined ? median(runs.map(workload.value)) : undefined,
    cpu:
      failure === undefined && runs[0].cpuPerUnit !== undefined
        ? median(runs.map(({ cpuPerUnit }) => cpuPerUnit))
        : undefined,
    p50: failure === undefined && runs[0].p50 !== undefined ? median(runs.map(({ p50 }) => p50)) : undefined,
    p99: failure === undefined && runs[0].p99 !== undefined ? median(runs.map(({ p99 }) => p99)) : undefined,
  }));
  const ours = figures.find(({ peer }) => peer.ours);
  const ratio = ({ value }) => (workload.more ? ours.value / value : value / ours.value);
  const lines = figures.map((figure) =>
    figure.failure === undefined
      ? `| ${figure.peer.name} | ${show(figure.value)} | ${show(figure.p50)} | ${show(figure.p99)} | ${show(figure.cpu)} | ${figure === ours ? "" : ratio(figure).toFixed(2)} |`
      : `| ${figure.peer.name} | failed: ${figure.failure} | | | | |`,
  );
  return [
    `### ${workload.title}`,
    "",
    `| proxy | ${workload.unit} | p50 µs | p99 µs | CPU µs each | gateway: times better |`,
    "|---|---|---|---|---|---|",
    ...lines,
    "",
    ...goalLines(workload, figures, ratio),
  ].join("\n");
}

function goalLines({ goals, more }, figures, ratio) {
  const ours = figures.find(({ peer }) => peer.ours);
  const reached = Object.entries(goals).flatMap(([name, goal]) => {
    if (name === "most") return [verdict(`${show(ours.value)} (goal at most ${goal})`, ours.value <= goal)];
    const peers = figures.filter(
      ({ peer, value }) => value !== undefined && (name === "library" ? peer.library : peer.name === name),
    );
    if (peers.length === 0) return [];
    // the best library is the one that the gateway is ahead of by least
    const actual = Math.min(...peers.map(ratio));
    // a time may be up to `goal` times the peer's
    const holds = more ? actual >= goal : 1 / actual <= goal;
    const figure = more ? actual : 1 / actual;
    const whom = name === "library" ? "best library" : name;
    return [verdict(`${whom} ${figure.toFixed(2)} (goal ${more ? "at least" : "at most"} ${goal})`, holds)];
  });
  return reached.length === 0 ? [] : [`Goals: ${reached.join("; ")}.`, ""];
}

export const verdict = (text, holds) => `${text}: ${holds ? "reached" : "**not reached**"}`;

export function machineLines(peers, libraries, absent) {
  const versions = peers.map((peer) => [peer.name, peer.version(libraries)].filter(Boolean).join(" ")).join(", ");
  const load = loadavg()[0].toFixed(1);
  const where =
    cores === undefined
      ? "All processes shared the processors: nothing could be pinned."
      : "The proxy was pinned to one core; app and load shared another.";
  return [
    `Measured on ${cpus().length} x ${cpus()[0].model.trim()}, Linux ${release()}, Node ${process.versions.node}; load average ${load} at the end. ${where}`,
    "",
    `Proxies: ${versions}.${absent.length === 0 ? "" : ` Left out: ${absent.join("; ")}.`}`,
  ].join("\n");
}
