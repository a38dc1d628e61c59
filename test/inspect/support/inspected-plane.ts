import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createLogger } from "../../../src/logger.ts";
import { chromiumLauncher } from "../../../src/inspect/chromium.ts";
import type { ChromiumOptions } from "../../../src/inspect/chromium.ts";
import { knownPlaces, findChromium } from "../../../src/inspect/find-chromium.ts";
import { createInspector } from "../../../src/inspect/inspector.ts";
import type { InspectorOptions } from "../../../src/inspect/inspector.ts";
import { checkInput, screenshotInput } from "../../../src/preview/inspection.ts";
import { openPlaneUnderTest } from "../../preview/support/plane-under-test.ts";
import { watchBrowserProcesses } from "./browser-processes.ts";

/** Why tests that need a browser are skipped; `undefined` where there is one. */
export const noBrowser = whyNoBrowser();

const program = fileURLToPath(new URL("pages.mjs", import.meta.url));

/** The command of the dev server in pages.mjs. */
export const pagesCommand = `'${process.execPath}' '${program}'`;

export type InspectedPlane = Awaited<ReturnType<typeof openInspectedPlane>>;

/** A plane under test whose preview `web` serves pages.mjs, and an inspector with a real browser. */
export async function openInspectedPlane(
  options: Partial<Pick<ChromiumOptions, "deniedPorts" | "internet" | "hostEnv">> &
    Partial<Pick<InspectorOptions, "launch" | "idleMs">> = {},
) {
  const plane = await openPlaneUnderTest();
  const directory = join(plane.directory, "state", "browser");
  const logger = createLogger("silent");
  const launch =
    options.launch ??
    chromiumLauncher({
      executable: undefined,
      directory,
      hostEnv: options.hostEnv ?? process.env,
      gateway: plane.deps.gateway,
      deniedPorts: options.deniedPorts ?? [],
      ...(options.internet !== undefined && { internet: options.internet }),
      logger,
    });
  const { idleMs } = options;
  const inspector = createInspector({
    launch,
    db: plane.db,
    useCases: plane.useCases,
    logger,
    ...(idleMs !== undefined && { idleMs }),
  });
  return {
    ...plane,
    inspector,
    browserDirectory: directory,
    startPages: (input: object = {}) => plane.start({ command: pagesCommand, ...input }),
    check: (path: string, input: object = {}, signal?: AbortSignal) =>
      inspector.check(plane.context, checkInput.parse({ path, ...input }), signal === undefined ? {} : { signal }),
    screenshot: (path: string, input: object = {}) =>
      inspector.screenshot(plane.context, screenshotInput.parse({ path, ...input })),
    /** Living processes of its browser. */
    browserProcesses: watchBrowserProcesses(directory),
    async close() {
      await inspector.close();
      await plane.close();
    },
  };
}

function whyNoBrowser(): string | undefined {
  try {
    findChromium(undefined);
    return undefined;
  } catch {
    return `no Chromium at ${knownPlaces.join(", ")}: apt-get install chromium`;
  }
}
