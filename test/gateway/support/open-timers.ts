import { createHook } from "node:async_hooks";

/** Timers that code of a folder has set and that may still fire, unreferenced ones included. */
export interface OpenTimers {
  count(): number;
  stop(): void;
}

export function watchTimers(folder: string): OpenTimers {
  const open = new Set<number>();
  const hook = createHook({
    init(id, type) {
      if (type === "Timeout" && new Error().stack?.includes(folder) === true) open.add(id);
    },
    destroy: (id) => void open.delete(id),
  });
  hook.enable();
  return { count: () => open.size, stop: () => void hook.disable() };
}
