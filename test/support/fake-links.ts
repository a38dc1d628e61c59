import { PreviewError } from "../../src/errors.ts";
import type { LinkOutput } from "../../src/preview/links/link-contract.ts";
import type { LinkUseCases } from "../../src/preview/links/link-use-cases.ts";

export const fakeLinkId = "0123456789abcdef";

/** One link, which is there whatever is done to it. */
export function createFakeLinks(): LinkUseCases {
  const link: LinkOutput = {
    id: fakeLinkId,
    name: "web",
    label: "a reviewer",
    signed: true,
    previewUrl: "http://5173-abc.localhost:4781/",
    token: "abc",
    port: 5173,
    expiresAt: "2026-01-02T00:00:00.000Z",
    createdAt: "2026-01-01T00:00:00.000Z",
  };
  const known = (id: string): void => {
    if (id !== fakeLinkId) throw new PreviewError("link_not_found", `no live link ${id}`, { hint: "List them." });
  };
  return {
    list: async () => [link],
    revoke: async (_context, id) => (known(id), { revoked: 1 }),
    revokeAll: async () => ({ revoked: 1 }),
    rotate: async (_context, id) => (known(id), link),
  };
}
