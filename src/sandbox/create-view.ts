import { existsSync } from "node:fs";
import { PreviewError } from "../errors.ts";
import { createProcView } from "./proc-view.ts";
import type { ProcessView } from "./process-view.ts";
import { createPsView } from "./ps-view.ts";

/** How processes and sockets are seen on this system; throws `sandbox_unsupported` where they cannot be. */
export function createView(platform: NodeJS.Platform): ProcessView {
  if (platform === "linux" && existsSync("/proc/self/stat")) return createProcView();
  if (platform === "darwin") return createPsView();
  throw new PreviewError("sandbox_unsupported", `dev servers cannot be run and watched on this system (${platform})`, {
    hint: "Use Linux with /proc mounted, or macOS; on Windows run the plane inside WSL.",
  });
}
