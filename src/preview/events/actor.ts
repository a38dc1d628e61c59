import type { Principal } from "../../identity/context.ts";
import type { Actor } from "./events.ts";

/** As whom a caller goes on record. */
export function actorOf({ user, keyId }: Principal): Actor {
  return { user, ...(keyId === undefined ? {} : { key: keyId }) };
}
