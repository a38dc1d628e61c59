import { presentRun, problemsFromLog } from "../../recipe/failure-hints.ts";
import type { FailureHint } from "../../recipe/failure-hints.ts";
import type { LogChunk } from "../../sandbox/driver.ts";

/** What the output of a living command shows of why it does not serve. */
export interface LogEvidence {
  /** Takes in what was printed since the last call; true when a watcher started the server again in it. */
  add(chunk: Pick<LogChunk, "lines" | "unfinished">): boolean;
  /** The causes that are known by now, of the present run of the server alone. */
  causes(): readonly FailureHint[];
  /** The causes have been told: what comes from now on takes their place. */
  told(): void;
}

const linesKept = 200;
/** A question with its choices; what has printed more than that since has its answer. */
const questionLines = 12;

/** Only lines that show a cause are kept: a build may print thousands of others. */
export function createLogEvidence(): LogEvidence {
  let shown: readonly string[] = [];
  let last: readonly string[] = [];
  let earlier: readonly FailureHint[] = [];
  let causes: readonly FailureHint[] = [];
  return {
    add({ lines, unfinished }) {
      const present = presentRun(lines);
      const restarted = present.length < lines.length;
      if (restarted) [shown, last, earlier] = [[], [], []];
      if (causesIn(present).length > 0) shown = [...shown, ...present].slice(-linesKept);
      last = [...last, ...present].slice(-questionLines);
      // a question stands behind the last newline
      const open = unfinished === undefined ? [] : [unfinished];
      const found = causesIn([...shown, ...open]);
      const asks = causesIn([...last, ...open]).some(isQuestion);
      // that a server failed is no news where it is known why
      const isNew = earlier.length === 0 || found.some(({ code }) => code !== "app_crashed");
      causes = (isNew ? found : earlier).filter((cause) => asks || !isQuestion(cause));
      return restarted;
    },
    causes: () => causes,
    told() {
      earlier = causes;
      shown = [];
    },
  };
}

function isQuestion({ code }: FailureHint): boolean {
  return code === "waiting_for_input";
}

function causesIn(lines: readonly string[]): readonly FailureHint[] {
  return lines.length === 0 ? [] : problemsFromLog(lines, { alive: true });
}
