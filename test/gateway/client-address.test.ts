import { describe, expect, it, test } from "vitest";
import { addressKey, createClientAddresses } from "../../src/gateway/client-address.ts";
import { parseNetwork } from "../../src/hosts.ts";

function request(remoteAddress: string, forwardedFor?: string) {
  const headers = forwardedFor === undefined ? {} : { "x-forwarded-for": forwardedFor };
  return { request: { headers }, socket: { remoteAddress } };
}

const edges = createClientAddresses(
  ["10.0.0.0/8", "127.0.0.1", "fd00::/8"].flatMap((text) => parseNetwork(text) ?? []),
);

describe("the visitor of a request", () => {
  test.each([
    ["whom the proxy names", "10.1.2.3", "203.0.113.7", "203.0.113.7"],
    ["whom the outermost of several proxies names", "127.0.0.1", "203.0.113.7, 10.9.9.9", "203.0.113.7"],
    ["not what a client said of itself before", "10.1.2.3", "198.51.100.1, 203.0.113.7", "203.0.113.7"],
    ["known behind an IPv4-mapped proxy", "::ffff:10.1.2.3", "203.0.113.7", "203.0.113.7"],
    ["known behind an IPv6 proxy, without its port", "fd00::1", "[2001:db8::7]:4711", "2001:db8::7"],
    ["known without the port of an IPv4 address", "10.1.2.3", "203.0.113.7:4711", "203.0.113.7"],
    ["the last proxy that is known where there is no address", "10.1.2.3", "unknown, 10.5.5.5", "10.5.5.5"],
    ["the proxy where it names nobody", "10.1.2.3", undefined, "10.1.2.3"],
    ["the proxy where it names nonsense", "10.1.2.3", "<script>", "10.1.2.3"],
  ])("is %s", (_what, remote, forwardedFor, visitor) => {
    expect(edges.visitorOf(request(remote, forwardedFor))).toBe(visitor);
  });

  it("is nobody's to say but a proxy's", () => {
    expect(edges.visitorOf(request("203.0.113.9", "198.51.100.1"))).toBeUndefined();
    expect(createClientAddresses().visitorOf(request("127.0.0.1", "198.51.100.1"))).toBeUndefined();
  });
});

test.each(["localhost", "10.0.0.0/33", "10.0.0.0/", "fd00::/129", "10.0.0.0/8/8", ""])(
  "%j is no address and no network",
  (text) => expect(parseNetwork(text)).toBeUndefined(),
);

test("IPv6 addresses of one /64 are counted as one", () => {
  expect(addressKey("2001:db8:0:1::5")).toBe(addressKey("2001:db8:0:1:ffff:1:2:3"));
  expect(addressKey("2001:db8:0:2::5")).not.toBe(addressKey("2001:db8:0:1::5"));
  expect(addressKey("::1")).not.toBe(addressKey("2001:db8::1"));
  expect(addressKey("::ffff:192.0.2.1")).toBe(addressKey("192.0.2.1"));
  expect(addressKey("::FFFF:C000:201")).toBe(addressKey("192.0.2.1"));
  expect(addressKey("fe80::1%eth0")).toBe(addressKey("fe80::2"));
});
