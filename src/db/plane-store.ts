import type { Clock } from "../clock.ts";
import type { PlaneStore } from "../preview/store.ts";
import type { Client } from "./client.ts";

/** Every plane that was killed leaves its row; nobody asks for it any more after this time. */
const forgetAfterMs = 7 * 24 * 3600 * 1000;

type PlaneRow = NonNullable<Awaited<ReturnType<PlaneStore["byId"]>>>;

export function createPlaneStore(client: Client, clock: Clock): PlaneStore {
  return {
    async beat(plane) {
      const seenAt = new Date(clock.now());
      const forgottenAt = new Date(clock.now() - forgetAfterMs);
      await client.query(
        (sql) => sql`
          with forgotten as (
            delete from planes where seen_at < ${forgottenAt} and id <> ${plane.id}
          )
          insert into planes (id, sandbox_id, pid, start_time, seen_at)
          values (${plane.id}, ${plane.sandboxId}, ${plane.pid}, ${plane.startTime}, ${seenAt})
          on conflict (id) do update set
            sandbox_id = excluded.sandbox_id, pid = excluded.pid, start_time = excluded.start_time,
            seen_at = excluded.seen_at`,
      );
    },
    async byId(id) {
      const [row] = await client.query(
        (sql) => sql<PlaneRow[]>`
          select id, sandbox_id, pid, start_time, seen_at from planes where id = ${id}`,
      );
      return row && { ...row };
    },
    async all() {
      const rows = await client.query(
        (sql) => sql<PlaneRow[]>`select id, sandbox_id, pid, start_time, seen_at from planes order by id`,
      );
      return rows.map((row) => ({ ...row }));
    },
    async remove(id) {
      await client.query((sql) => sql`delete from planes where id = ${id}`);
    },
  };
}
