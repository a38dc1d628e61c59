import { realpath, stat } from "node:fs/promises";
import { PreviewError } from "../errors.ts";
import type { Principal } from "../identity/context.ts";
import { isInside } from "../inside.ts";
import { grants } from "../scopes.ts";
import { actorOf } from "./events/actor.ts";
import { slugSchema } from "./contract.ts";
import type { ProjectOutput } from "./contract.ts";
import type { PreviewDeps } from "./deps.ts";
import { mayTouch, projectNotFound } from "./project-access.ts";
import type { ProjectRecord } from "./record.ts";
import type { PreviewUseCases } from "./use-cases.ts";

type ProjectUseCases = Pick<PreviewUseCases, "putProject" | "getProject" | "listProjects" | "removeProject">;

export function createProjects(deps: Pick<PreviewDeps, "db" | "settings">): ProjectUseCases {
  const { projects } = deps.db;
  return {
    async putProject({ principal }, slug, input) {
      if (!mayTouch(principal, slug)) throw projectNotFound(slug);
      const real = await realpath(input.workspaceRoot).catch((cause: unknown) => ({ cause }));
      await refuseOutside(deps.settings.orgWorkspaces, principal, { named: input.workspaceRoot, real });
      const workspaceRoot = await workspaceOf(input.workspaceRoot, real, deps.settings.stateDir);
      const { org } = principal;
      await refuseNested(projects, principal, { slug, workspaceRoot });
      const project = await projects.put(
        { org, slug: parseSlug(slug), sandboxDriver: "local", workspaceRoot },
        actorOf(principal),
      );
      if (project === undefined) throw taken(slug, workspaceRoot);
      return projectOutputOf(project);
    },
    async getProject(context, slug) {
      const project = await projects.bySlug(context.principal.org, slug);
      if (project === undefined || !mayTouch(context.principal, slug)) throw projectNotFound(slug);
      return projectOutputOf(project);
    },
    async listProjects({ principal }) {
      const all = await projects.list(principal.org);
      return all.filter(({ slug }) => mayTouch(principal, slug)).map(projectOutputOf);
    },
    async removeProject(context, slug) {
      const known = await projects.bySlug(context.principal.org, slug);
      if (known === undefined || !mayTouch(context.principal, slug)) throw projectNotFound(slug);
      const removed = await projects.remove(context.principal.org, slug, actorOf(context.principal));
      if (removed === undefined) throw stillLive(slug);
      return projectOutputOf(removed);
    },
  };
}

function parseSlug(slug: string): string {
  const parsed = slugSchema.safeParse(slug);
  if (parsed.success) return parsed.data;
  throw new PreviewError("invalid_input", `slug ${JSON.stringify(slug)} is not a DNS label`, {
    hint: "Use lower-case letters, digits and inner dashes, at most 63 characters.",
  });
}

/**
 * A path with every symlink resolved, or why that was not possible. It is resolved once: between two times
 * a link may have been turned to another org's folder.
 */
type RealPath = string | { readonly cause: unknown };

/** The real path of the workspace; the plane's own state is never a workspace, nor is a folder in it. */
async function workspaceOf(path: string, real: RealPath, stateDir: string): Promise<string> {
  if (typeof real !== "string") {
    throw new PreviewError("invalid_input", `workspace ${path} cannot be resolved`, {
      hint: "Pass an existing directory on the plane's host.",
      cause: real.cause,
    });
  }
  if (!(await stat(real)).isDirectory()) {
    throw new PreviewError("invalid_input", `workspace ${real} is not a directory`, {
      hint: "Pass the project's directory.",
    });
  }
  if (isInside(real, await realpath(stateDir))) {
    throw new PreviewError("invalid_input", `workspace ${real} lies in the plane's own state directory`, {
      hint: "Pass the project's directory.",
    });
  }
  return real;
}

/**
 * Whoever registers a directory runs commands in it. The operator owns the host; an org has the folder
 * that the operator set aside for it, and without one registers nothing. What lies outside and what
 * does not exist are refused alike: the answer is no way to look around on the host.
 */
async function refuseOutside(
  template: string | undefined,
  principal: Principal,
  { named, real }: { readonly named: string; readonly real: RealPath },
): Promise<void> {
  if (grants(principal.scopes, "operator")) return;
  const root = await folderOf(template, principal.org);
  if (root !== undefined && typeof real === "string" && real !== root && isInside(real, root)) return;
  throw new PreviewError("forbidden", `workspace ${named} is not in the folder of org ${principal.org}`, {
    hint: "The plane's operator registers the project, or sets orgWorkspaces (DEV_PREVIEW_ORG_WORKSPACES).",
  });
}

/**
 * Whose dev server writes a folder can exchange what lies in it for a link to elsewhere: no workspace of an
 * org lies in another one, unless the operator registered it so.
 */
async function refuseNested(
  projects: Pick<PreviewDeps["db"]["projects"], "list">,
  principal: Principal,
  { slug, workspaceRoot }: Pick<ProjectRecord, "slug" | "workspaceRoot">,
): Promise<void> {
  if (grants(principal.scopes, "operator")) return;
  const all = await projects.list(principal.org);
  if (all.some((known) => known.slug === slug)) return; // nothing new, or another conflict
  const others = all.map((known) => known.workspaceRoot).filter((root) => root !== workspaceRoot);
  if (!others.some((root) => isInside(root, workspaceRoot) || isInside(workspaceRoot, root))) return;
  throw new PreviewError("project_conflict", `workspace ${workspaceRoot} lies in another project's, or holds one`, {
    hint: "Register one project for the whole tree, and start its parts with repoDir.",
  });
}

/**
 * The real path of an org's folder. An org is named by its key or by the claims of the identity provider:
 * one that is called `..`, or has a slash in it, has no folder here rather than somebody else's.
 */
async function folderOf(template: string | undefined, org: string): Promise<string | undefined> {
  if (template === undefined || org.includes("/") || org === "." || org === "..") return undefined;
  return await realpath(template.replaceAll("{org}", () => org)).catch(() => undefined);
}

function taken(slug: string, root: string): PreviewError {
  return new PreviewError("project_conflict", `project ${slug} is registered with another workspace than ${root}`, {
    hint: "Choose another slug, or remove the registered project first.",
  });
}

function stillLive(slug: string): PreviewError {
  return new PreviewError("project_conflict", `project ${slug} has live previews`, {
    hint: "Stop them first: dev_preview_stop with all: true, or `dev-preview stop --all`.",
  });
}

function projectOutputOf(project: ProjectRecord): ProjectOutput {
  const { org, slug, sandboxDriver, workspaceRoot, active } = project;
  return {
    slug,
    org,
    sandboxDriver,
    workspaceRoot,
    ...(active === undefined ? {} : { active: { ...active, updatedAt: active.updatedAt.toISOString() } }),
    createdAt: project.createdAt.toISOString(),
  };
}
