import type { PreviewState } from "../../preview/record.ts";
import type { Route } from "../../preview/route.ts";
import { answers } from "../answers/answer.ts";
import type { Answer } from "../answers/answer.ts";

const refusals: Readonly<Record<PreviewState, Answer | undefined>> = {
  starting: answers.starting,
  ready: undefined,
  unhealthy: undefined,
  idle: answers.idle,
  crashed: answers.crashed,
  stopped: answers.gone,
};

/** Some of the preview's own problems say more than the state does. */
export function withProblems(answer: Answer, { problems = [] }: Pick<Route, "problems">): Answer {
  return problems.length === 0 ? answer : { ...answer, text: `${answer.text} ${problems.map(sentence).join(" ")}` };
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? "" : "."}`;
}

/** Why a route's preview cannot take a request now, or undefined when it can. */
export function refusalOf(route: Route): Answer | undefined {
  // a server that listens may be asked before it is known to be ready: the check for that comes this way
  return route.state === "starting" && route.listener !== undefined ? undefined : refusals[route.state];
}
