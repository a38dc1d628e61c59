import { describe, expect, it } from "vitest";
import type { RequestContext } from "../../src/identity/context.ts";
import { guardScopes, neededScope } from "../../src/preview/scope-guard.ts";
import type { PreviewUseCases } from "../../src/preview/use-cases.ts";
import { scopes } from "../../src/scopes.ts";
import type { Scope } from "../../src/scopes.ts";
import { createFakeEvents } from "../support/fake-events.ts";

const names = Object.keys(neededScope) as (keyof PreviewUseCases)[];
const contextWith = (...held: Scope[]): RequestContext => ({
  principal: { kind: "key", org: "acme", user: "ada", scopes: held },
  requestId: "r",
});

function guarded() {
  const called: string[] = [];
  const { recorded, eventLog } = createFakeEvents();
  const plain = Object.fromEntries(
    names.map((name) => [name, (...args: unknown[]) => Promise.resolve(void called.push(`${name}/${args.length}`))]),
  );
  const useCases = guardScopes(plain as never, eventLog) as never as Record<
    string,
    (...args: unknown[]) => Promise<unknown>
  >;
  return { useCases, called, recorded };
}

describe.each(names)("%s", (name) => {
  it.each(scopes)("with scope %s passes exactly when that includes what it needs", async (held) => {
    const { useCases, called, recorded } = guarded();
    const call = useCases[name]!(contextWith(held), "a", "b");
    if (scopes.indexOf(held) >= scopes.indexOf(neededScope[name])) {
      await call;
      expect(called).toEqual([expect.stringMatching(`^${name}/`)]);
      expect(recorded).toEqual([]);
    } else {
      await expect(call).rejects.toMatchObject({ code: "insufficient_scope" });
      expect(called).toEqual([]);
      expect(recorded).toEqual([
        {
          type: "call.refused",
          owner: { org: "acme" },
          by: { user: "ada" },
          data: { code: "insufficient_scope", call: name },
        },
      ]);
    }
  });

  it("is refused without any scope", async () => {
    const { useCases } = guarded();
    await expect(useCases[name]!(contextWith())).rejects.toMatchObject({ code: "insufficient_scope" });
  });
});
