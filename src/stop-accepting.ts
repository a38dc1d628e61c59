import { Server } from "node:net";

/**
 * Frees a server's port and leaves its connections alone. A server of HTTP has a way of its own, which also destroys
 * those whose answer has not left yet.
 */
export function stopAccepting(server: Server): void {
  Server.prototype.close.call(server);
}
