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
  /** Claims of whoever comes to log in: nobody is asked anything. */
  person: JWTPayload;
  close(): Promise<void>;
}

/** An OpenID provider: configuration, keys, a hand that signs, and a login at which everybody is `person`. */
export async function startIssuer(): Promise<Issuer> {
  const keys: { kid: string; privateKey: Awaited<ReturnType<typeof generateKeyPair>>["privateKey"]; jwk: object }[] =
    [];
  const asked: string[] = [];
  let status: number | undefined;
  const server = createServer((request, response) => {
    asked.push(request.url ?? "");
    const { pathname, searchParams } = new URL(request.url ?? "", url);
    if (pathname.endsWith("/authorize")) return void response.writeHead(303, { location: back(searchParams) }).end();
    void bodyFor(pathname, request).then((body) =>
      response.writeHead(status ?? 200, { "content-type": "application/json" }).end(JSON.stringify(body)),
    );
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/realms/test`;
  const configuration = () => ({
    issuer: url,
    jwks_uri: `${url}/jwks`,
    authorization_endpoint: `${url}/authorize`,
    token_endpoint: `${url}/token`,
    id_token_signing_alg_values_supported: ["ES256"],
  });
  /** The code is what the token must repeat. */
  const back = (asked: URLSearchParams) => {
    const code = JSON.stringify([asked.get("client_id"), asked.get("nonce")]);
    const answer = new URLSearchParams({ code, state: asked.get("state") ?? "" });
    return `${asked.get("redirect_uri")}?${answer.toString()}`;
  };
  const bodyFor = async (pathname: string, request: AsyncIterable<unknown>): Promise<object> => {
    if (pathname.endsWith("/jwks")) return { keys: keys.map(({ jwk }) => jwk) };
    if (!pathname.endsWith("/token")) return configuration();
    let form = "";
    for await (const chunk of request) form += String(chunk);
    const [aud, nonce] = JSON.parse(new URLSearchParams(form).get("code") ?? "[]") as [string, string];
    return {
      access_token: "none",
      token_type: "bearer",
      id_token: await issuer.sign({ ...issuer.person, aud, nonce }),
    };
  };
  const rotate = async ({ drop } = { drop: false }) => {
    const { privateKey, publicKey } = await generateKeyPair("ES256", { extractable: true });
    const kid = `key-${keys.length + 1}-${Math.random()}`;
    if (drop) keys.length = 0;
    keys.push({ kid, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg: "ES256", use: "sig" } });
  };
  await rotate();
  const issuer: Issuer = {
    url,
    person: {},
    asked,
    rotate,
    async sign(claims = {}, header = {}) {
      const { kid, privateKey } = keys.at(-1)!;
      const good = { iss: url, aud: "dev-preview", sub: "ada", org: "acme", scope: "openid preview:write" };
      const exp = Math.floor(Date.now() / 1000) + 300;
      return await new SignJWT({ ...good, iat: exp - 300, exp, ...claims })
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
  return issuer;
}
