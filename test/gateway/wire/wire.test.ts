import { describe, test } from "vitest";
import { framing } from "./framing.ts";
import { bodies } from "./bodies.ts";
import { faultyApps } from "./faulty-apps.ts";
import { leaving } from "./leaving.ts";
import { limits } from "./limits.ts";
import { oddAnswers } from "./odd-answers.ts";
import { reaching } from "./reaching.ts";
import { headers } from "./headers.ts";
import { streaming } from "./streaming.ts";
import { targets } from "./targets.ts";
import { upgrades } from "./upgrades.ts";
import { trailers } from "./trailers.ts";
import { http1 } from "./http1-front.ts";
import { http2 } from "./http2-front.ts";
import { show } from "./row.ts";

const groups = [
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

for (const front of [http1, http2])
  for (const { title, rows } of groups)
    describe(`${front.name}: ${title}`, () => {
      for (const row of rows.map((each) => show(each, front.name)))
        test(row.title, async ({ skip }) => {
          if ("none" in row) return skip(row.none);
          await row.play(front);
        });
    });
