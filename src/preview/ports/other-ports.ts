import type { PreviewDeps } from "../deps.ts";
import type { PreviewRecord } from "../record.ts";

/** Which further ports the processes of a preview listen on: a hot-reload socket, an API beside the page. */
export interface OtherPorts {
  of(preview: PreviewRecord): Promise<number[]>;
}

/** Callers at the same moment share one look. */
const sharedMs = 500;

interface Look {
  readonly at: number;
  readonly ports: Promise<number[]>;
}

export function createOtherPorts({ sandbox, clock }: Pick<PreviewDeps, "sandbox" | "clock">): OtherPorts {
  const looks = new Map<string, Look>();

  function look({ launchId, process }: Pick<PreviewRecord, "launchId" | "process">): Promise<number[]> {
    const now = clock.now();
    for (const [id, { at }] of looks) if (now - at >= sharedMs) looks.delete(id);
    const known = looks.get(launchId);
    if (known !== undefined || process === undefined) return known?.ports ?? Promise.resolve([]);
    const ports = sandbox
      .inspect(launchId, process)
      .then(({ listeners }) => [...new Set(listeners.map(({ port }) => port))].toSorted((a, b) => a - b));
    looks.set(launchId, { at: now, ports });
    return ports;
  }

  return {
    async of(preview) {
      if (preview.sandboxId !== sandbox.id || preview.port === undefined) return [];
      return (await look(preview)).filter((port) => port !== preview.port);
    },
  };
}
