import { once } from "node:events";
import { connect } from "node:tls";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { CertificatePair, Certificates } from "../../src/gateway/tls/certificates.ts";
import { makeCertificate } from "../gateway/support/certificate.ts";
import { domain } from "../gateway/support/harness.ts";
import { until } from "../support/until.ts";
import { compileScript } from "../tools/support/compile-script.mjs";
import type { CompiledScript } from "../tools/support/compile-script.mjs";
import { startWorkers } from "./support/workers-under-test.ts";
import type { Workers } from "./support/workers-under-test.ts";

let script: CompiledScript;
beforeAll(async () => {
  script = await compileScript("src/workers/worker.ts");
});
afterAll(() => script.close());

/** The names of the certificate that each worker shows for a host. */
async function namesShown(workers: Workers, servername: string): Promise<string[]> {
  const { gateway, port } = workers;
  const names: string[] = [];
  for (const pid of gateway.pids()) {
    const look = async () => {
      const socket = connect({ host: "127.0.0.1", port, servername, rejectUnauthorized: false });
      await once(socket, "secureConnect");
      names.push(socket.getPeerCertificate().subjectaltname ?? "");
      socket.destroy();
    };
    await workers.alone(pid, look);
  }
  return names;
}

it("workers show the plane's certificates: the present one, those of single hosts, and what comes next", async () => {
  let current: CertificatePair = makeCertificate(`*.${domain}`, "first.test");
  let onChange = () => {};
  const own = makeCertificate("own.test");
  const asked: string[] = [];
  const certificates: Certificates = {
    current: () => current,
    names: () => false,
    onChange: (listener) => void (onChange = listener),
    pairFor: async (host) => {
      asked.push(host);
      return host === "own.test" ? own : undefined;
    },
    close: async () => {},
  };
  const workers = await startWorkers(script.path, [], { publicScheme: "https", certificates });
  const [first, next] = [`DNS:*.${domain}, DNS:first.test`, "DNS:next.test"];
  expect(await namesShown(workers, "a.test")).toEqual([first, first]);
  expect(await namesShown(workers, "own.test")).toEqual(["DNS:own.test", "DNS:own.test"]);
  expect(await namesShown(workers, "own.test")).toEqual(["DNS:own.test", "DNS:own.test"]);
  // each worker asks once for a host
  expect(asked).toEqual(["a.test", "a.test", "own.test", "own.test"]);
  current = makeCertificate("next.test");
  onChange();
  await until("both have the next", async () => (await namesShown(workers, "a.test")).every((names) => names === next));
});
