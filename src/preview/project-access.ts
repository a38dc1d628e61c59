import type { Principal, RequestContext } from "../identity/context.ts";
import { PreviewError } from "../errors.ts";
import type { ProjectRecord } from "./record.ts";
import type { Database } from "./store.ts";

/**
 * The project of a call. A project of another org answers exactly like one that does not exist:
 * the lookup is by (org, slug), so that there is nothing to tell apart.
 */
export async function projectOf(db: Pick<Database, "projects">, context: RequestContext): Promise<ProjectRecord> {
  if (context.projectSlug === undefined) {
    throw new PreviewError("project_required", "the call names no project", {
      hint: "Send the project's slug in the X-Project-Slug header; `dev-preview project add` registers one.",
    });
  }
  const project = await db.projects.bySlug(context.principal.org, context.projectSlug);
  if (project === undefined || !mayTouch(context.principal, project.slug)) throw projectNotFound(context.projectSlug);
  return project;
}

/** Keys may be bound to some projects of their org; asked after the lookup, so that the answer takes as long. */
export function mayTouch({ projects }: Principal, slug: string): boolean {
  return projects === undefined || projects.includes(slug);
}

export function projectNotFound(slug: string): PreviewError {
  return new PreviewError("project_not_found", `no project ${JSON.stringify(slug)}`, {
    hint: "Register it with `dev-preview project add`, or PUT /v1/projects/{slug}.",
  });
}
