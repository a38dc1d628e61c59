import { BlockList, isIP } from "node:net";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addressKey, createClientAddresses } from "../../src/gateway/client-address.ts";
import { parseNetwork } from "../../src/hosts.ts";
import { anyText, fuzz, mutated } from "./support/fuzz.ts";

const addresses = fc.oneof(fc.ipV4(), fc.ipV6());
const written = addresses.chain((address) => mutated(`${address}/24`, "0123456789abcdef:./ %[]"));
const socket = { remoteAddress: "10.1.2.3" };
const clients = createClientAddresses([{ address: "10.0.0.0", prefix: 8, family: "ipv4" }]);
const visitorOf = (forwardedFor: string) =>
  clients.visitorOf({ socket, request: { headers: { "x-forwarded-for": forwardedFor } } });

describe("an address", () => {
  it("is read out of whatever X-Forwarded-For says, and nothing else is", () =>
    fuzz(
      fc.oneof(
        anyText,
        written,
        fc.array(fc.oneof(addresses, anyText)).map((items) => items.join(", ")),
      ),
      (text) => {
        expect(isIP(visitorOf(text) ?? "")).toBeGreaterThan(0);
      },
    ));

  it("that a proxy appends is the visitor's, whatever the client sent before", () =>
    fuzz(
      fc.tuple(
        anyText,
        fc.ipV4().filter((address) => !address.startsWith("10.")),
      ),
      ([before, address]) => {
        expect(visitorOf(`${before}, ${address}`)).toBe(address);
      },
    ));

  it("is counted with its network alone, however it is written", () =>
    fuzz(fc.tuple(fc.ipV6(), fc.ipV6()), ([address, other]) => {
      const upper = address.toUpperCase();
      expect(addressKey(upper)).toBe(addressKey(address));
      const list = new BlockList();
      list.addSubnet(address, 64, "ipv6");
      expect(addressKey(other) === addressKey(address)).toBe(list.check(other, "ipv6"));
    }));
});

describe("a network", () => {
  it("is one that the system can look addresses up in, or none", () =>
    fuzz(fc.oneof(anyText, written), (text) => {
      const network = parseNetwork(text);
      if (network !== undefined) new BlockList().addSubnet(network.address, network.prefix, network.family);
    }));
});
