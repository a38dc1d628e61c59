import { describe, expect, test } from "vitest";
import { http1 } from "./wire/http1-front.ts";
import { http2 } from "./wire/http2-front.ts";
import { haltAt, stages } from "./wire/leaving.ts";
import { untilNone } from "./wire/play.ts";

describe.each([http1, http2])("a client over $name", (front) => {
  test.each(stages.filter(({ answered }) => answered !== true))(
    "that waits, $what, is cut off from the app when its link ends",
    async (stage) => {
      const { place, asking, leaveNothing } = await haltAt(front, stage);
      const { harness, link, upstream } = place;
      harness.feed.change({ previewIds: [link.route.previewId], routes: [] });
      await untilNone(() => upstream.open() + harness.gateway.readTraffic().upstreams);
      asking.duplex.resume();
      const { status, whole } = await asking.answer();
      expect([status, whole]).toEqual(status === 410 ? [410, true] : [expect.toBeOneOf([0, 200]), false]);
      await leaveNothing();
    },
  );
});
