import { setTimeout as pause } from "node:timers/promises";
import { PreviewError } from "../errors.ts";
import { openDedicatedConnection } from "./dedicated-connection.ts";
import type { ServerConnection } from "./target.ts";

/** Two planes that stop at once must not keep the server alive for each other's sake: this question does not count. */
const applicationName = "dev-preview last look";

/** Connections that were just closed take a moment to disappear on the server. */
const settleMs = 500;
const pollMs = 20;

/** True while somebody else is connected; false also when the server is gone. */
export async function hasOtherClients(connection: ServerConnection): Promise<boolean> {
  const look = openDedicatedConnection({ connection }, { applicationName, statementTimeoutMs: 2_000 });
  const deadline = performance.now() + settleMs;
  try {
    for (;;) {
      const [row] = await look.query(
        (sql) => sql<{ others: boolean }[]>`
          select exists (
            select from pg_stat_activity
            where backend_type = 'client backend' and application_name <> ${applicationName}
          ) as others`,
      );
      if (row?.others !== true) return false;
      if (performance.now() > deadline) return true;
      await pause(pollMs);
    }
  } catch (error) {
    if (error instanceof PreviewError && error.code === "database_unavailable") return false;
    throw error;
  } finally {
    await look.close();
  }
}
