import { describe, test } from "vitest";
import { dialPlain } from "../support/harness.ts";
import type { Front } from "./front.ts";
import { groups, readings } from "./groups.ts";
import { http1 } from "./http1-front.ts";
import { http2 } from "./http2-front.ts";
import { show } from "./row.ts";
import type { Group } from "./row.ts";

/** To an app behind a dialler of a sandbox's own, which does not take the reader's buffer. */
const plain: Front = {
  name: http1.name,
  start: (app, { gateway, ...options } = {}) =>
    http1.start(app, { ...options, gateway: { dial: dialPlain, ...gateway } }),
};

function play(name: string, front: Front, shown: readonly Group[]): void {
  for (const { title, rows } of shown)
    describe(`${name}: ${title}`, () => {
      for (const row of rows.map((each) => show(each, front.name)))
        test(row.title, async ({ skip }) => {
          if ("none" in row) return skip(row.none);
          await row.play(front);
        });
    });
}

play("HTTP/1.1", http1, groups);
play("HTTP/1.1 by another dialler", plain, readings);
play("HTTP/2", http2, groups);
