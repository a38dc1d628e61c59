import { execFileSync, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { connect } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer } from "node:tls";

/** Why tests that need a certificate are skipped; `undefined` where one can be made. */
export const noCertificate =
  spawnSync("openssl", ["version"]).status === 0 ? undefined : "no openssl on PATH: apt-get install openssl";

export interface TlsFront {
  readonly port: number;
  /** Connections that came in before the gateway was named are refused. */
  relayTo(gatewayPort: number): void;
  close(): Promise<void>;
}

/** An edge as small as one can be: ends TLS for `*.<domain>` and relays the bytes to the gateway. */
export async function openTlsFront(domain: string): Promise<TlsFront> {
  let gatewayPort: number | undefined;
  const open = new Set<Socket>();
  const server = createServer(selfSigned(domain), (client) => {
    if (gatewayPort === undefined) return void client.destroy();
    const gateway = connect(gatewayPort, "127.0.0.1");
    const pair = [client, gateway] as const;
    for (const socket of pair) {
      open.add(socket);
      socket.on("error", () => undefined); // a broken connection closes, and that is passed on
      socket.on("close", () => {
        open.delete(socket);
        for (const end of pair) end.destroy();
      });
    }
    client.pipe(gateway).pipe(client);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    relayTo: (port) => void (gatewayPort = port),
    async close() {
      server.close();
      for (const socket of open) socket.destroy();
      await once(server, "close");
    },
  };
}

/** A certificate for every name of the domain. */
export function selfSigned(domain: string): { key: Buffer; cert: Buffer } {
  const directory = mkdtempSync(join(tmpdir(), "dpp-tls-"));
  const [key, cert] = [join(directory, "key.pem"), join(directory, "cert.pem")];
  const subject = ["-subj", `/CN=*.${domain}`, "-addext", `subjectAltName=DNS:*.${domain}`];
  const kind = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
  try {
    execFileSync("openssl", ["req", ...kind, "-keyout", key, "-out", cert, ...subject], { stdio: "pipe" });
    return { key: readFileSync(key), cert: readFileSync(cert) };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
