import type { Clock } from "../clock.ts";
import type { LeaseStore } from "../preview/store.ts";
import type { Client } from "./client.ts";

export function createLeaseStore(client: Client, clock: Clock): LeaseStore {
  return {
    async reserve(lease) {
      const now = new Date(clock.now());
      const rows = await client.query(
        (sql) => sql<{ port: number }[]>`
          insert into leases (sandbox_id, port, launch_id, expires_at)
          values (${lease.sandboxId}, ${lease.port}, ${lease.launchId}, ${lease.expiresAt})
          on conflict (sandbox_id, port) do update set
            launch_id = excluded.launch_id, expires_at = excluded.expires_at
          where leases.launch_id = excluded.launch_id or leases.expires_at <= ${now}
          returning port`,
      );
      return rows.length === 1;
    },
    async held(sandboxId) {
      const now = new Date(clock.now());
      const rows = await client.query(
        (sql) => sql<{ port: number }[]>`
          select port from leases where sandbox_id = ${sandboxId} and expires_at > ${now}`,
      );
      return rows.map(({ port }) => port);
    },
    async handOver({ from, to, expiresAt }) {
      await client.query(
        (sql) => sql`update leases set launch_id = ${to}, expires_at = ${expiresAt} where launch_id = ${from}`,
      );
    },
    async release(launchId) {
      await client.query((sql) => sql`delete from leases where launch_id = ${launchId}`);
    },
  };
}
