import { basename } from "node:path";
import type { Sandbox } from "./driver.ts";
import type { LocalContext } from "./local-context.ts";
import { createPortLease } from "./port-lease.ts";
import { readPortUse } from "./port-use.ts";

export function portMethods(context: LocalContext): Pick<Sandbox, "freePort" | "portHolder" | "portUse" | "upstream"> {
  const { id, view, portRange, upstreams } = context;
  const lease = createPortLease(portRange, id);
  return {
    freePort: (wish) => lease.freePort(wish),
    async portHolder(port) {
      const [holder] = await view.portListeners(port);
      if (!holder) return undefined;
      const program = programOf(holder.command ?? "");
      return {
        ...(holder.pid === undefined ? {} : { pid: holder.pid }),
        ...(program === undefined ? {} : { program }),
      };
    },
    portUse: (port, launches) => readPortUse(context, port, launches),
    upstream: (target) => upstreams.of(target),
  };
}

/** A plain word, or undefined: it becomes part of a sentence of ours. */
function programOf(command: string): string | undefined {
  const name = basename(command.split(" ", 1)[0] ?? "");
  return /^[A-Za-z0-9][\w.@+-]{0,30}$/.test(name) ? name : undefined;
}
