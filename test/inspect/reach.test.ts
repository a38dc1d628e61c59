import { describe, expect, it, test } from "vitest";
import { isPublicAddress } from "../../src/inspect/public-address.ts";
import { createReach } from "../../src/inspect/reach.ts";

describe("a public address", () => {
  test.each([
    "1.1.1.1",
    "93.184.215.14",
    "100.63.255.255",
    "168.63.129.15",
    "168.63.129.17",
    "172.15.0.1",
    "172.32.0.1",
    "192.167.1.1",
    "223.255.255.255",
  ])("is %s", (address) => expect(isPublicAddress(address)).toBe(true));
  test.each(["2606:2800:21f:cb07:6820:80da:af6b:8b2c", "2a00:1450:4001::1"])("is %s", (address) =>
    expect(isPublicAddress(address)).toBe(true),
  );

  test.each([
    "0.0.0.0",
    "10.0.0.1",
    "100.64.0.1",
    "127.0.0.1",
    "127.255.255.254",
    "168.63.129.16",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.168.1.1",
    "198.18.0.1",
    "203.0.113.9",
    "224.0.0.251",
    "255.255.255.255",
  ])("is not %s", (address) => expect(isPublicAddress(address)).toBe(false));

  test.each([
    "::",
    "::1",
    "::ffff:127.0.0.1",
    "::ffff:93.184.215.14",
    "::127.0.0.1",
    "64:ff9b::7f00:1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "fc00::1",
    "fd12:3456::1",
    "fe80::1",
    "fec0::1",
    "ff02::1",
  ])("is not %s", (address) => expect(isPublicAddress(address)).toBe(false));

  test.each(["", "localhost", "1.1.1", "0x7f000001", "2130706433", "127.1", "fe80::1%eth0"])(
    "is not %j, which is no address as it is dialled",
    (text) => expect(isPublicAddress(text)).toBe(false),
  );
});

describe("where a page may connect", () => {
  const names: Record<string, string[]> = {
    "cdn.example.com": ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"],
    "rebinds.example.com": ["93.184.215.14", "127.0.0.1"],
    "inside.example.com": ["10.1.2.3"],
    "myself.example.com": ["198.100.1.1"],
  };
  const asked: string[] = [];
  const reach = createReach({
    previews: { domain: "preview.test", port: 8443 },
    deniedPorts: [4780, 4781],
    resolve: (name) => {
      asked.push(name);
      return Promise.resolve(names[name] ?? []);
    },
    ownAddresses: () => ["127.0.0.1", "198.100.1.1"],
  });

  test.each(["20001-abc.preview.test", "20001-ABC.Preview.Test", "20001-abc.preview.test."])(
    "is the gateway for a host of previews, %s",
    async (host) => expect(await reach(host, 8443)).toEqual({ kind: "gateway" }),
  );

  it("is the address itself that was judged, for a public name", async () => {
    expect(await reach("cdn.example.com", 443)).toEqual({ kind: "internet", address: "93.184.215.14", port: 443 });
    expect(await reach("1.1.1.1", 80)).toEqual({ kind: "internet", address: "1.1.1.1", port: 80 });
    expect(await reach("[2a00:1450:4001::1]", 80)).toMatchObject({ kind: "internet", address: "2a00:1450:4001::1" });
  });

  test.each([
    ["127.0.0.1", 3000, "not a public address"],
    ["[::1]", 3000, "not a public address"],
    ["169.254.169.254", 80, "not a public address"],
    ["::ffff:127.0.0.1", 80, "not a public address"],
    ["localhost", 3000, "a loopback name"],
    ["app.localhost", 3000, "a loopback name"],
    ["LOCALHOST.", 3000, "a loopback name"],
    ["inside.example.com", 80, "not a public address"],
    ["rebinds.example.com", 80, "not a public address"],
    ["myself.example.com", 80, "an address of the plane's host"],
    ["198.100.1.1", 22, "an address of the plane's host"],
    ["unknown.example.com", 80, "the name is not known to public DNS"],
    ["2130706433", 80, "the name is not known to public DNS"],
    ["127.1", 80, "the name is not known to public DNS"],
    ["cdn.example.com", 4780, "a port of the plane itself"],
    ["1.1.1.1", 4781, "a port of the plane itself"],
    ["20001-abc.preview.test", 4780, "a port of the plane itself"],
  ])("is not %s:%i: %s", async (host, port, reason) => {
    expect(await reach(host, port)).toEqual({ kind: "refused", reason });
  });

  it("is no preview at another port, and not what merely ends like one", async () => {
    expect(await reach("20001-abc.preview.test", 443)).toMatchObject({ kind: "refused" });
    expect(await reach("preview.test", 8443)).toMatchObject({ kind: "refused" });
    expect(await reach("evilpreview.test", 8443)).toMatchObject({ kind: "refused" });
  });

  it("asks no DNS about what needs none", async () => {
    asked.length = 0;
    for (const host of ["127.0.0.1", "localhost", "[::1]", "20001-abc.preview.test"]) await reach(host, 8443);
    expect(asked).toEqual([]);
  });

  it("knows no name of this host's own files", async () => {
    const real = createReach({ previews: { domain: "localhost", port: 1 }, deniedPorts: [] });
    expect(await real("localhost.localdomain", 80)).toMatchObject({ kind: "refused" });
  });
});
