import { redact } from "../redact.ts";
import type { Sandbox } from "./driver.ts";
import type { LocalContext } from "./local-context.ts";
import { plainLine } from "./plain-line.ts";
import { createPortLease } from "./port-lease.ts";

const commandCharacters = 300;

export function portMethods(context: LocalContext): Pick<Sandbox, "freePort" | "portHolder" | "upstream"> {
  const { id, view, portRange, upstreams } = context;
  const lease = createPortLease(portRange, id);
  return {
    freePort: (wish) => lease.freePort(wish),
    async portHolder(port) {
      const [holder] = await view.portListeners(port);
      if (!holder) return undefined;
      const { pid, command } = holder;
      return {
        ...(pid === undefined ? {} : { pid }),
        ...(command ? { command: redact(plainLine(command)).slice(0, commandCharacters) } : {}),
      };
    },
    upstream: (target) => upstreams.of(target),
  };
}
