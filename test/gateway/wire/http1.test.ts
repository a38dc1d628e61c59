import { dialPlain } from "../support/harness.ts";
import type { Front } from "./front.ts";
import { groups, readings } from "./groups.ts";
import { http1 } from "./http1-front.ts";
import { testRows } from "./test-rows.ts";

/** To an app behind a dialler that reads by itself: it takes no buffer of the reader's. */
const readByDialler: Front = {
  name: http1.name,
  start: (app, { gateway, ...options } = {}) =>
    http1.start(app, { ...options, gateway: { dial: dialPlain, ...gateway } }),
};

testRows("HTTP/1.1", http1, groups);
testRows("HTTP/1.1, read by the dialler", readByDialler, readings);
