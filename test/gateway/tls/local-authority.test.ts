import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readFile, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "node:tls";
import { describe, expect, test } from "vitest";
import { openLocalAuthority } from "../../../src/gateway/tls/local-authority.ts";
import { createIssuer } from "../../../src/gateway/tls/issue.ts";
import { createLogger } from "../../../src/logger.ts";
import { closing } from "../support/fixture.ts";
import { startTlsPreview } from "../support/tls-preview.ts";

const logger = createLogger("silent");
const day = 86_400_000;

async function directory(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "dpp-authority-"));
  closing({ close: () => rm(path, { recursive: true }) });
  return join(path, "authority");
}

async function openAt(path: string, domain: string, clock = { now: () => Date.now() }) {
  return closing(await openLocalAuthority({ directory: path, domain, clock, logger }));
}

/** The certificate that a browser gets, which it has judged by this authority alone. */
async function shownTo(port: number, servername: string, ca: string): Promise<X509Certificate> {
  const socket = connect({ host: "127.0.0.1", port, servername, ca });
  try {
    await once(socket, "secureConnect");
    return new X509Certificate(socket.getPeerCertificate().raw);
  } finally {
    socket.destroy();
  }
}

function endOf({ validTo }: X509Certificate): number {
  return Date.parse(validTo);
}

describe("a local authority", () => {
  test("is made once, with a key that nobody else may read, and kept", async () => {
    const path = await directory();
    await openAt(path, "localhost");
    const [cert, key] = [join(path, "localhost.crt"), join(path, "localhost.key")];
    expect(((await stat(key)).mode & 0o777).toString(8)).toBe("600");
    expect(((await stat(path)).mode & 0o777).toString(8)).toBe("700");
    const made = await readFile(cert, "utf8");
    await openAt(path, "localhost");
    expect(await readFile(cert, "utf8")).toBe(made);
    const authority = new X509Certificate(made);
    expect([authority.ca, authority.subject]).toEqual([true, "CN=dev-preview local authority for localhost"]);
    await openAt(path, "other.test");
    expect(await readFile(cert, "utf8")).toBe(made);
  });

  test("is whole again after a plane was killed in the middle of its renewal", async () => {
    const path = await directory();
    const [cert, key] = [join(path, "localhost.crt"), join(path, "localhost.key")];
    await openAt(path, "localhost");
    const [oldCert, oldKey] = [await readFile(cert, "utf8"), await readFile(key, "utf8")];
    await writeFile(`${key}.next`, "half a k");
    await openAt(path, "localhost");
    expect([await readFile(cert, "utf8"), await readFile(key, "utf8")]).toEqual([oldCert, oldKey]);
    const other = await directory();
    await openAt(other, "localhost");
    const [newCert, newKey] = [join(other, "localhost.crt"), join(other, "localhost.key")];
    await rename(newKey, key);
    await rename(newCert, `${cert}.next`);
    await openAt(path, "localhost");
    expect(await readFile(cert, "utf8")).not.toBe(oldCert);
    expect(await readdir(path)).toEqual(["localhost.crt", "localhost.key"]);
  });

  test("issues each host below a single label its own, as browsers take no wildcard there", async () => {
    const path = await directory();
    const { harness } = await startTlsPreview(undefined, {
      gateway: { domain: "localhost", certificates: await openAt(path, "localhost") },
    });
    const ca = await readFile(join(path, "localhost.crt"), "utf8");
    const shown = await shownTo(harness.port, "5173-abc.localhost", ca);
    expect(shown.subjectAltName).toBe("DNS:5173-abc.localhost");
    expect((await shownTo(harness.port, "5173-abc.localhost", ca)).fingerprint256).toBe(shown.fingerprint256);
    expect((await shownTo(harness.port, "auth.localhost", ca)).subjectAltName).toBe("DNS:auth.localhost");
    expect((await shownTo(harness.port, "localhost", ca)).checkHost("localhost")).toBe("localhost");
  });

  test("issues one wildcard certificate for a domain of several labels", async () => {
    const path = await directory();
    const { harness } = await startTlsPreview(undefined, {
      gateway: { domain: "preview.test", certificates: await openAt(path, "preview.test") },
    });
    const ca = await readFile(join(path, "preview.test.crt"), "utf8");
    const shown = await Promise.all(["a", "b"].map((label) => shownTo(harness.port, `${label}.preview.test`, ca)));
    expect(shown.map(({ subjectAltName }) => subjectAltName)).toEqual([
      "DNS:*.preview.test, DNS:preview.test",
      "DNS:*.preview.test, DNS:preview.test",
    ]);
  });

  test("is good for its domain alone: what its key signs for others is refused", async () => {
    const path = await directory();
    await openAt(path, "localhost");
    const [cert, key] = await Promise.all(
      ["crt", "key"].map((end) => readFile(join(path, `localhost.${end}`), "utf8")),
    );
    const issuer = await createIssuer({ cert: cert!, key: key! });
    const stolen = await issuer.issue(["bank.example", "*.preview.test"], Date.now());
    const certificates = { current: () => stolen, names: () => true, onChange() {}, close: async () => {} };
    const { harness } = await startTlsPreview(undefined, { gateway: { certificates } });
    await expect(shownTo(harness.port, "bank.example", cert!)).rejects.toThrow(/permitted subtree/);
    await expect(shownTo(harness.port, "a.preview.test", cert!)).rejects.toThrow(/permitted subtree/);
  });

  test("renews what it issued before it ends, and itself before that", async () => {
    const path = await directory();
    let now = Date.now();
    const clock = { now: () => now };
    const certificates = await openAt(path, "localhost", clock);
    const made = new X509Certificate(await readFile(join(path, "localhost.crt"), "utf8"));
    expect(endOf(new X509Certificate(certificates.current().cert)) - now).toBeGreaterThan(29 * day);
    const first = await certificates.contextFor!("a.localhost");
    expect(await certificates.contextFor!("a.localhost")).toBe(first);
    now += 11 * day;
    expect(await certificates.contextFor!("a.localhost")).not.toBe(first);
    now = endOf(made) - 59 * day;
    await openAt(path, "localhost", clock);
    const next = new X509Certificate(await readFile(join(path, "localhost.crt"), "utf8"));
    expect(next.fingerprint256).not.toBe(made.fingerprint256);
  });

  test("keeps the plane from starting when its files hold something else", async () => {
    const path = await directory();
    await openAt(path, "localhost");
    await writeFile(join(path, "localhost.key"), "nonsense");
    await expect(openAt(path, "localhost")).rejects.toThrow(/localhost\.key does not hold a private key/);
  });
});
