import type { KeyStore } from "../preview/store.ts";
import type { Client } from "./client.ts";

export function createKeyStore(client: Client): KeyStore {
  return {
    async agree(keyId, fingerprint) {
      // the empty update returns the row that another plane recorded first
      const [row] = await client.query(
        (sql) => sql<{ fingerprint: string }[]>`
          insert into signing_keys (key_id, fingerprint) values (${keyId}, ${fingerprint})
          on conflict (key_id) do update set fingerprint = signing_keys.fingerprint
          returning fingerprint`,
      );
      return row?.fingerprint ?? fingerprint;
    },
  };
}
