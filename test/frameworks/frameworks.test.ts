import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { noChromium } from "../e2e/support/chromium.ts";
import { noCertificate } from "../e2e/support/tls-front.ts";
import { runSample } from "./run-sample.ts";
import { samples } from "./samples.ts";
import { chooseSamples } from "./support/choose-samples.ts";
import type { Scheme } from "./support/front.ts";
import { missingPrograms } from "./support/missing-programs.ts";
import { recordResult, recordSkip } from "./support/results.ts";
import type { FrontResult } from "./support/results.ts";
import { makeSampleProject } from "./support/sample-project.ts";
import type { SampleProject } from "./support/sample-project.ts";

const missing = noChromium ?? noCertificate;
const recording = process.env["FRAMEWORKS_RECORD"] === "1" && missing === undefined;
const installMs = 900_000;

describe.skipIf(missing !== undefined)(`every framework, started without arguments, ${missing ?? ""}`, () => {
  describe.each(chooseSamples(samples, process.env["FRAMEWORKS"]))("$name", (sample) => {
    const reason = missingPrograms(sample);
    if (recording && reason !== undefined) recordSkip(sample, reason);

    describe.skipIf(reason !== undefined)(reason ?? "shows its page, follows its source and leaves nothing", () => {
      let project: SampleProject | undefined;
      const fronts: Partial<Record<Scheme, FrontResult>> = {};
      beforeAll(async () => {
        project = await makeSampleProject(sample);
      }, installMs);
      afterAll(async () => {
        const { http, https } = fronts;
        if (recording && project !== undefined && http && https) recordResult(sample, project, { http, https });
        await project?.close();
      });

      it.each(["http", "https"] as const)("over %s", async (scheme) => {
        if (project === undefined) throw new Error("the project was not made");
        fronts[scheme] = "failed";
        fronts[scheme] = await runSample({ sample, project, scheme });
      });
    });
  });

  afterAll(() => {
    if (recording) execFileSync(process.execPath, [fileURLToPath(new URL("../../scripts/docs.mjs", import.meta.url))]);
  });
});

it("there are frameworks to run", () => expect(samples.length).toBeGreaterThan(0));
