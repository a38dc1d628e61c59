import type { PreviewSettings } from "../../../src/preview/deps.ts";
import type { PreviewRecord } from "../../../src/preview/record.ts";
import type { PreviewState } from "../../../src/preview/record.ts";
import { until } from "../../support/until.ts";
import { openPlaneUnderTest } from "./plane-under-test.ts";
import type { PlaneUnderTest } from "./plane-under-test.ts";

export const minute = 60_000;
export const day = 24 * 60 * minute;

export type LeapingClock = ReturnType<typeof createLeapingClock>;

/** A clock that runs, and can be put forward. */
export function createLeapingClock() {
  let ahead = 0;
  return { now: () => Date.now() + ahead, leap: (ms: number) => (ahead += ms) };
}

/** Sleep after half an hour, links of a day, and a reaper that looks all the time. */
export const idleSettings: Pick<PreviewSettings, "orgs" | "idle" | "linkTtlMs"> = {
  linkTtlMs: day,
  orgs: { every: { idleMs: 30 * minute, keepaliveMaxMs: 240 * minute, maxVisibility: "link" }, own: new Map() },
  idle: { sweepMs: 50, keepEndedMs: 7 * day, keepaliveMinMs: minute },
};

export type IdlePlane = Awaited<ReturnType<typeof openIdlePlane>>;

/** A plane with a clock that leaps, and looks at what becomes of its previews. */
export async function openIdlePlane(
  settings: Partial<PreviewSettings> = {},
  shared?: Parameters<typeof openPlaneUnderTest>[1],
  clock: LeapingClock = createLeapingClock(),
) {
  const plane = await openPlaneUnderTest({ ...idleSettings, ...settings }, shared, clock);
  return { ...plane, clock, ...looksAt(plane) };
}

function looksAt(plane: PlaneUnderTest) {
  async function record(name = "web"): Promise<PreviewRecord> {
    const project = await plane.db.projects.bySlug("local", "app");
    return (await plane.db.previews.byName(project!.id, name))!;
  }
  const inState = (state: PreviewState, name = "web") =>
    until(`${name} is ${state}`, async () => {
      const preview = await record(name);
      return preview.state === state && preview;
    });
  return {
    record,
    inState,
    /** Asleep, and nothing runs any more. */
    asleep: (name = "web") =>
      until(`${name} is asleep`, async () => {
        const { state, process, attached } = await record(name);
        return state === "idle" && (attached || process === undefined);
      }),
    /** Time enough for the reaper to have looked at everything. */
    async swept(): Promise<void> {
      const seen = plane.sweeps();
      await until("the reaper has looked", () => plane.sweeps() >= seen + 3);
    },
    /** What a visitor sees in the end, who loads the page again as it says. */
    visit: (url: string) =>
      until(`${url} answers`, async () => {
        const answer = await plane.fetch(url);
        return answer.headers["x-preview-status"] === undefined && answer;
      }),
    linkId: async () => {
      const { id, launchId } = await record();
      const [link] = await plane.db.links.list({ id, launchId }, new Date(0));
      return link!.id;
    },
  };
}
