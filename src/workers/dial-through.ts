import { PreviewError } from "../errors.ts";
import type { Dial } from "../preview/route.ts";
import type { Sandbox } from "../sandbox/driver.ts";

/** Routes of another sandbox than this cannot be dialled from here. */
export function dialThrough(sandbox: Pick<Sandbox, "id" | "upstream">): Dial {
  return async (route, options) => {
    if (route.process === undefined || route.listener === undefined || route.sandboxId !== sandbox.id) {
      throw new PreviewError("sandbox_unsupported", `sandbox ${route.sandboxId} is not reached by this plane`, {
        hint: "Open the link at the plane that started the preview.",
      });
    }
    const { launchId, port, process: launched, listener } = route;
    return await sandbox.upstream({ launchId, port, process: launched, listener }).connect(options);
  };
}
