import { realpath, stat } from "node:fs/promises";
import { join, sep } from "node:path";
import { serveStatic } from "@hono/node-server/serve-static";
import { Hono } from "hono";
import type { MiddlewareHandler } from "hono";

/**
 * Serves the files of a folder: `index.html` for a directory, and no listing where there is none.
 * Hidden files (`.env`, `.git`) and links that lead out of the folder are as if they were not there.
 */
export function createStaticApp(folder: string): Hono {
  const app = new Hono();
  app.use(hideOthers(folder), withSlash(folder), async (context, next) => {
    await next();
    // an edit must show at the next load
    context.header("Cache-Control", "no-cache");
  });
  app.use(serveStatic({ root: folder }));
  app.notFound((context) => context.text("Not found\n", 404));
  return app;
}

/** Threat: the link is shared, and the folder is often the whole checkout. */
function hideOthers(folder: string): MiddlewareHandler {
  return async (context, next) => {
    const segments = context.req.path.split("/");
    const hidden = segments.some((segment) => segment.startsWith(".") && segment !== ".well-known");
    if (hidden || !(await isInside(folder, context.req.path))) return context.notFound();
    return await next();
  };
}

async function isInside(folder: string, path: string): Promise<boolean> {
  try {
    const [root, file] = await Promise.all([realpath(folder), realpath(join(folder, path))]);
    return file === root || file.startsWith(root + sep);
  } catch {
    // No such file, or no path at all: the answer is the same as for one outside.
    return false;
  }
}

/** Relative links of `docs/index.html` are right below `/docs/` only. */
function withSlash(folder: string): MiddlewareHandler {
  return async (context, next) => {
    const { path, url } = context.req;
    if (path.endsWith("/") || !(await isDirectory(join(folder, path)))) return await next();
    return context.redirect(`${encodeURI(path.slice(path.lastIndexOf("/") + 1))}/${new URL(url).search}`, 301);
  };
}

async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    // What cannot be read is no directory to redirect to; serveStatic answers it.
    return false;
  }
}
