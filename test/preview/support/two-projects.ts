import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { RequestContext } from "../../../src/identity/context.ts";
import { startInput, stopInput, urlInput } from "../../../src/preview/contract.ts";
import type { PlaneUnderTest } from "./plane-under-test.ts";

/** Another project of the same plane, whose callers know nothing of the first. */
export async function registerProject(
  plane: PlaneUnderTest,
  slug: string,
  workspaceRoot = join(plane.directory, slug),
) {
  const context: RequestContext = { ...plane.context, projectSlug: slug };
  const { useCases } = plane;
  await mkdir(workspaceRoot, { recursive: true });
  await useCases.putProject(context, slug, { workspaceRoot });
  return {
    context,
    workspace: workspaceRoot,
    start: (input: object = {}) => useCases.start(context, startInput.parse(input)),
    url: (input: object = {}) => useCases.url(context, urlInput.parse(input)),
    stop: (input: object = {}) => useCases.stop(context, stopInput.parse(input)),
    /** Stops everything of it and forgets it. */
    async remove() {
      await useCases.stop(context, { all: true });
      await useCases.removeProject(context, slug);
    },
  };
}
