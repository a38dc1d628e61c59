import { connect } from "node:tls";

export interface TlsTarget {
  readonly host: string;
  readonly port: number;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/**
 * Whether a port answers a TLS handshake, by agreeing or with an alert. To be asked only of a port that
 * breaks off plain HTTP: there are servers that end when they get bytes which they do not understand.
 */
export function answersTls({ host, port, timeoutMs, signal }: TlsTarget): Promise<boolean> {
  return new Promise((resolve) => {
    // nothing is sent over it: whose certificate it is says nothing
    const socket = connect({ host, port, rejectUnauthorized: false });
    const settle = (answer: boolean): void => {
      clearTimeout(limit);
      signal.removeEventListener("abort", giveUp);
      socket.destroy();
      resolve(answer);
    };
    const giveUp = (): void => settle(false);
    const limit = setTimeout(giveUp, timeoutMs);
    signal.addEventListener("abort", giveUp, { once: true });
    socket.once("secureConnect", () => settle(true));
    socket.once("error", (error: NodeJS.ErrnoException) => settle(isAlert(error.code)));
    socket.once("close", giveUp);
  });
}

/** OpenSSL names each alert of the other side so. */
function isAlert(code: string | undefined): boolean {
  return code !== undefined && /^ERR_SSL_.*ALERT/.test(code);
}
