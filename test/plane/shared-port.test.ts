import { describe, expect, it } from "vitest";
import { sharedPort } from "../../src/plane/shared-port.ts";

describe("a port that two planes may bind", () => {
  it.each(["22.12.0", "22.20.1", "23.1.0", "24.0.0", "26.1.0"])("is given out on Node %s", (version) => {
    expect(sharedPort({ gatewayPort: 4781 }, version)).toBe(4781);
  });

  it.each(["20.19.0", "20.20.2", "22.11.0", "23.0.0"])("is refused on Node %s, which would not share it", (version) => {
    expect(() => sharedPort({ gatewayPort: 4781 }, version)).toThrow("22.12");
  });

  it("is refused where none is configured, or any", () => {
    for (const config of [{}, { gatewayPort: 0 }]) expect(() => sharedPort(config, "24.0.0")).toThrow("gatewayPort");
  });
});
