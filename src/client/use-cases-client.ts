import type { RequestContext } from "../identity/context.ts";
import { maxWaitSeconds } from "../preview/contract.ts";
import type { InspectUseCases } from "../preview/inspection.ts";
import type { CallOptions, PreviewUseCases } from "../preview/use-cases.ts";
import type { Client } from "./client.ts";

/** A client for one call: made when it is needed, so that a plane may start first or be another one. */
export type ConnectClient = (context: RequestContext, options: CallOptions) => Promise<Client>;

/** The use-cases of a plane elsewhere: what the stdio front gives to the tools. */
export function createUseCasesClient(connect: ConnectClient): PreviewUseCases {
  return {
    start: async (context, input, options = {}) => {
      const { client, left } = await connectInTime(connect, context, options);
      return client.start({ ...input, waitSeconds: left(input.waitSeconds) }, options);
    },
    url: async (context, input, options = {}) => {
      const { client, left } = await connectInTime(connect, context, options);
      return client.url({ ...input, waitSeconds: left(input.waitSeconds) }, options);
    },
    logs: async (context, input, options = {}) => {
      const { client, left } = await connectInTime(connect, context, options);
      return client.logs({ ...input, waitSeconds: left(input.waitSeconds) }, options);
    },
    stop: async (context, input, options = {}) => (await connect(context, options)).stop(input, options),
    list: async (context, input, options = {}) => (await connect(context, options)).list(input, options),
    get: async (context, name) => (await connect(context, {})).get(name),
    putProject: async (context, slug, input) => (await connect(context, {})).projects.put(slug, input),
    getProject: async (context, slug) => (await connect(context, {})).projects.get(slug),
    listProjects: async (context) => (await connect(context, {})).projects.list(),
    removeProject: async (context, slug) => (await connect(context, {})).projects.remove(slug),
  };
}

/** The same for looking at previews. */
export function createInspectClient(connect: ConnectClient): InspectUseCases {
  // a call that has no time left is the plane's to refuse, in its own words
  const least = 1;
  return {
    check: async (context, input, options = {}) => {
      const { client, left } = await connectInTime(connect, context, options);
      return client.check({ ...input, waitSeconds: Math.max(least, left(input.waitSeconds)) }, options);
    },
    screenshot: async (context, input, options = {}) => {
      const { client, left } = await connectInTime(connect, context, options);
      return client.screenshot({ ...input, waitSeconds: Math.max(least, left(input.waitSeconds)) }, options);
    },
  };
}

/**
 * The bound of one call holds for all of it: what connecting took (a plane may have to start) is
 * taken off the longest wait that is left.
 */
async function connectInTime(connect: ConnectClient, context: RequestContext, options: CallOptions) {
  const startedAt = performance.now();
  const client = await connect(context, options);
  const spentSeconds = (performance.now() - startedAt) / 1000;
  return { client, left: (waitSeconds: number) => Math.max(0, Math.min(waitSeconds, maxWaitSeconds - spentSeconds)) };
}
