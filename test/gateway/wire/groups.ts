import { bodies } from "./bodies.ts";
import { faultyApps } from "./faulty-apps.ts";
import { framing } from "./framing.ts";
import { headers } from "./headers.ts";
import { leaving } from "./leaving.ts";
import { limits } from "./limits.ts";
import { oddAnswers } from "./odd-answers.ts";
import { reaching } from "./reaching.ts";
import type { Group } from "./row.ts";
import { streaming } from "./streaming.ts";
import { targets } from "./targets.ts";
import { trailers } from "./trailers.ts";
import { upgrades } from "./upgrades.ts";

/** What holds on the wire; docs/wire.md lists it. */
export const groups: readonly Group[] = [
  framing,
  oddAnswers,
  targets,
  headers,
  limits,
  trailers,
  bodies,
  streaming,
  reaching,
  faultyApps,
  leaving,
  upgrades,
];

/** Those that depend on how the app's answers are read. */
export const readings: readonly Group[] = [oddAnswers, trailers, bodies, streaming];
