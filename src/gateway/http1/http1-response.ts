import { ServerResponse } from "node:http";
import type { IncomingMessage } from "node:http";

/** Longer than the edges keep a connection to us (Caddy 120 s, Traefik 90 s, nginx 60 s): they close first. */
export const keepAliveMs = 130_000;

/** What Node says of a connection that goes on. */
export const keepAliveLines = `Connection: keep-alive\r\nKeep-Alive: timeout=${keepAliveMs / 1000}\r\n`;

/**
 * An answer of HTTP/1.1 that may leave in one write as it is. Node would check, copy and look at each header once more,
 * hold the text back for the rest of the turn, and send it as one of several: a tenth of what a small answer costs here.
 */
export class Http1Response<Request extends IncomingMessage = IncomingMessage> extends ServerResponse<Request> {
  // how Node's own class notes that a head was made, and that it is on its way
  declare private _header: string | null;
  declare private _headerSent: boolean;

  /** What Node says of the connection where it writes the head; the listener keeps the promise, not Node's server. */
  protected get _keepAliveTimeout(): number {
    return keepAliveMs;
  }

  // Node sets it to what its server keeps
  protected set _keepAliveTimeout(_ms: number) {}

  /**
   * Sends a whole answer, head and body, whose length the head tells. False when nothing was sent: the answer must wait
   * for another, or ends its connection, or that is ended already: all of that is Node's to see to.
   */
  sendWhole(whole: string | Buffer): boolean {
    const { socket } = this;
    if (socket?.writable !== true || !this.shouldKeepAlive || this.headersSent) return false;
    this._header = "sent";
    this._headerSent = true;
    socket.write(whole, "latin1");
    this.end();
    return true;
  }
}
