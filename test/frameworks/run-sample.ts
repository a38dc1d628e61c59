import { expect } from "vitest";
import { createClosingStack } from "../../src/closing-stack.ts";
import { launchMarker } from "../../src/sandbox/process-view.ts";
import { openChromium } from "../e2e/support/chromium.ts";
import { endHome } from "../e2e/support/end-home.ts";
import { outputOf, stdioClients } from "../e2e/support/mcp-clients.ts";
import type { McpClient } from "../e2e/support/mcp-clients.ts";
import { makePlaneHome } from "../e2e/support/plane-process.ts";
import type { PlaneHome } from "../e2e/support/plane-process.ts";
import { isPortFree } from "../e2e/support/port-free.ts";
import { planeOf, stdioFront } from "../e2e/support/stdio-front.ts";
import { processesWithEnv } from "../support/processes.ts";
import type { Sample } from "./sample.ts";
import { followEdit } from "./support/follow-edit.ts";
import { openFront } from "./support/front.ts";
import type { Front, Scheme } from "./support/front.ts";
import { openSamplePage } from "./support/sample-page.ts";
import type { SamplePageView } from "./support/sample-page.ts";
import type { SampleProject } from "./support/sample-project.ts";
import { sendForm } from "./support/send-form.ts";
import { startPreview } from "./support/start-preview.ts";
import type { ReadyPreview } from "./support/start-preview.ts";

/** What was seen of a sample through one front. */
export interface SeenSample {
  readonly framework: string;
  /** From the start of its command until it answered through the gateway. */
  readonly firstAnswerMs: number;
}

interface Run {
  readonly sample: Sample;
  readonly project: SampleProject;
  readonly scheme: Scheme;
}

interface Place extends Run {
  readonly home: PlaneHome;
  readonly client: McpClient;
  readonly front: Front;
}

/** A plane, a browser and a client of their own; nothing of them is left when it returns. */
export async function runSample(run: Run): Promise<SeenSample> {
  const opened = createClosingStack();
  try {
    const front = opened.add(await openFront(run.scheme, run.sample));
    const browser = opened.add(await openChromium({ hosts: { [`*.${front.domain}`]: "127.0.0.1" } }));
    const home = await makePlaneHome({ DEV_PREVIEW_LOG_LEVEL: "warn", ...front.env, PATH: run.project.path });
    opened.add({ close: () => endHome(home) });
    const client = opened.add(
      await stdioClients[run.scheme === "http" ? 0 : 2]!.connect(stdioFront(home, run.project.root)),
    );
    const view = openSamplePage(await browser.newPage(), run.sample);
    return await showSample({ ...run, home, client, front }, view);
  } finally {
    await opened.close();
  }
}

async function showSample(place: Place, view: SamplePageView): Promise<SeenSample> {
  const { sample, client, home, front } = place;
  const preview = await startPreview(client);
  front.relayTo(planeOf(home)!.gatewayPort);
  expectAnswer(preview, place);
  await view.goto(new URL(sample.page.path ?? "/", preview.previewUrl).href);
  await view.sees(sample.page.text);
  await view.count();
  expectNoErrors(view);
  const restore = await edited(place, view);
  try {
    if (sample.form !== undefined) await sendForm(view, sample.form, preview.previewUrl);
    expectNoErrors(view);
  } finally {
    await restore();
  }
  await view.page.close();
  await stop(place, preview);
  return { framework: preview.framework ?? "", firstAnswerMs: preview.readyMs };
}

function expectAnswer(preview: ReadyPreview, { sample, project, scheme, front }: Place): void {
  expect(preview).toMatchObject({ serving: true, framework: sample.framework, repoDir: project.root });
  const { protocol, hostname } = new URL(preview.previewUrl);
  expect({ protocol, hostname }).toEqual({
    protocol: `${scheme}:`,
    hostname: `${preview.port}-${preview.token}.${front.domain}`,
  });
  const unexpected = preview.problems.filter(({ code }) => sample.problems?.includes(code) !== true);
  expect(unexpected).toEqual([]);
}

function expectNoErrors(view: SamplePageView): void {
  expect(view.errors()).toEqual([]);
  expect(view.strayedSockets()).toEqual([]);
}

/** Edits and sees the page follow; returns what puts the file back, also when the page did not. */
async function edited({ sample, project, client }: Place, view: SamplePageView): Promise<() => Promise<void>> {
  const { edit, page } = sample;
  if (edit === undefined) return async () => {};
  let restore = async () => {};
  const change = async () => {
    restore = await project.edit(edit.file, edit.from, edit.to);
  };
  const restart = async () => (await startPreview(client, { ifRunning: "restart" })).previewUrl;
  try {
    await followEdit(view, { edit, text: page.text, change, restart });
  } catch (error) {
    await restore();
    throw error;
  }
  return restore;
}

async function stop({ client, home }: Place, { port, name }: ReadyPreview): Promise<void> {
  const { stopped } = outputOf(await client.call("dev_preview_stop"));
  expect(stopped).toMatchObject([{ name, status: "stopped" }]);
  expect(processesWithEnv(`E2E_HOME=${home.env["E2E_HOME"]}`, `${launchMarker}=`)).toEqual([]);
  expect(await isPortFree(port)).toBe(true);
}
