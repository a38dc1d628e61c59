import { awaitAnswer } from "./await-answer.ts";
import { awaitListener } from "./await-listener.ts";
import { linkOf } from "../links/links.ts";
import type { Readiness, ReadinessDeps, ReadinessWatch } from "./readiness-watch.ts";

/**
 * Watches a launch until its server is proven through the gateway under the preview's own host
 * name, or until it is clear that it will not be. The link for the port that was asked for is made
 * while the server boots; until it listens, the gateway answers that it is starting.
 */
export async function awaitReadiness(deps: ReadinessDeps, watch: ReadinessWatch): Promise<Readiness> {
  const { launchId, requestedPort } = watch.preview;
  watch.phase("listen", `waiting for port ${requestedPort}`);
  const [foreseen, found] = await Promise.all([
    linkOf(deps, { ...watch.preview, port: requestedPort }, { ttlMs: watch.linkTtlMs }),
    awaitListener(deps, watch),
  ]);
  if (found.kind !== "listening") return found;
  const preview = await deps.db.previews.recordListener(launchId, found.listener);
  if (preview?.port === undefined) return { kind: "superseded" };
  const bound = { ...preview, port: preview.port };
  const link = foreseen?.port === bound.port ? foreseen : await linkOf(deps, bound, { ttlMs: watch.linkTtlMs });
  if (link === undefined) return { kind: "superseded" };
  watch.phase("answer", `port ${bound.port} is open, waiting for an HTTP answer`);
  return await awaitAnswer(deps, watch, { preview: bound, link, listener: found.listener });
}
