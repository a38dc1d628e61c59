import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { once } from "node:events";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import type { JWTPayload } from "jose";

export interface Issuer {
  readonly url: string;
  /** Requests that it answered, by path. */
  readonly asked: string[];
  /** Signs with the newest key; `header` and claims replace what a good token has. */
  sign(claims?: JWTPayload, header?: { alg?: string; kid?: string }): Promise<string>;
  /** A new key; with `drop` the ones before are no longer published. */
  rotate(options?: { drop: boolean }): Promise<void>;
  /** From now on every request is answered so. */
  answerWith(status: number | undefined): void;
  close(): Promise<void>;
}

/** An OpenID provider as far as its tokens are concerned: configuration, keys, and a hand that signs. */
export async function startIssuer(): Promise<Issuer> {
  const keys: { kid: string; privateKey: Awaited<ReturnType<typeof generateKeyPair>>["privateKey"]; jwk: object }[] =
    [];
  const asked: string[] = [];
  let status: number | undefined;
  const server = createServer((request, response) => {
    asked.push(request.url ?? "");
    const body = request.url?.endsWith("/jwks") === true ? { keys: keys.map(({ jwk }) => jwk) } : configuration();
    response.writeHead(status ?? 200, { "content-type": "application/json" }).end(JSON.stringify(body));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/realms/test`;
  const configuration = () => ({ issuer: url, jwks_uri: `${url}/jwks` });
  const rotate = async ({ drop } = { drop: false }) => {
    const { privateKey, publicKey } = await generateKeyPair("ES256", { extractable: true });
    const kid = `key-${keys.length + 1}-${Math.random()}`;
    if (drop) keys.length = 0;
    keys.push({ kid, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg: "ES256", use: "sig" } });
  };
  await rotate();
  return {
    url,
    asked,
    rotate,
    async sign(claims = {}, header = {}) {
      const { kid, privateKey } = keys.at(-1)!;
      const good = { iss: url, aud: "dev-preview", sub: "ada", org: "acme", scope: "openid preview:write" };
      const exp = Math.floor(Date.now() / 1000) + 300;
      return await new SignJWT({ ...good, exp, ...claims })
        .setProtectedHeader({ alg: "ES256", kid, ...header })
        .sign(privateKey);
    },
    answerWith: (given) => void (status = given),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
