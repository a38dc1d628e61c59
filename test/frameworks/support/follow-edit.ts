import { expect } from "vitest";
import { until } from "../../support/until.ts";
import type { SampleEdit } from "../sample.ts";
import type { SamplePageView } from "./sample-page.ts";

interface Following {
  readonly edit: SampleEdit;
  /** Text that the page shows before the edit. */
  readonly text: string;
  /** Changes the file. */
  readonly change: () => Promise<unknown>;
  /** Starts the server anew and returns its URL. */
  readonly restart: () => Promise<string>;
  /** So long a page that does not follow is watched. */
  readonly staysMs?: number;
}

/** Edits the source and sees that the page follows exactly as the sample says: neither less nor more. */
export async function followEdit(view: SamplePageView, following: Following): Promise<void> {
  const { edit, change, restart } = following;
  const { page, watch } = view;
  const shows = edit.shows ?? edit.to;
  const counted = await view.counter();
  const loads = watch.loads;
  await page.evaluate("globalThis.notLoadedAgain = true");
  await change();
  switch (edit.follows) {
    case "hot":
    case "forgets":
      await view.sees(shows);
      expect(await page.evaluate("globalThis.notLoadedAgain"), "the page was loaded again").toBe(true);
      expect(watch.loads, "the page was loaded again").toBe(loads);
      if (edit.follows === "hot") expect(await view.counter(), "the counter lost its count").toBe(counted);
      else expect(await view.counter(), "the counter kept its count").not.toBe(counted);
      return;
    case "reload":
      await view.sees(shows);
      await until("the page was loaded again", () => watch.loads > loads, view.timeoutMs);
      return;
    case "manual":
      await stays(view, following, loads);
      await seesAfterReload(view, shows);
      return;
    case "restart":
      await stays(view, following, loads);
      await view.goto(page.url());
      expect(await view.shows(following.text), "a visit showed the edit without a new start").toBe(true);
      await view.goto(new URL(new URL(page.url()).pathname, await restart()).href);
      await view.sees(shows);
      return;
  }
}

/** A page that follows after all makes the sample's claim untrue. */
async function stays(view: SamplePageView, { text, staysMs = 3000 }: Following, loads: number): Promise<void> {
  const follows = async () => view.watch.loads !== loads || !(await view.shows(text));
  const followed = await until("the page follows", follows, staysMs).catch(() => false);
  expect(followed, "the page followed by itself").toBe(false);
}

/**
 * The server may be restarting; the visit that shows the edit is the one that counts. The gateway's page of a
 * server that is away loads itself again: what went wrong before that is no fault of the visit.
 */
async function seesAfterReload(view: SamplePageView, text: string): Promise<void> {
  await until(
    `a visit shows ${text} without an error`,
    async () => {
      await view.reload();
      const shown = await until("the text is there", () => view.shows(text), 2000).catch(() => false);
      return shown && view.errors().length === 0;
    },
    view.timeoutMs,
  );
}
