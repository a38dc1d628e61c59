import type { OpenCounts } from "../traffic/open-counts.ts";

/** A socket that counts for its address. */
export interface Seated {
  readonly items: { readonly size: number };
  /** Monotonic ms. */
  readonly acceptedAt: number;
  /** It is one too many, and is told so. */
  refused: boolean;
}

export interface AddressSeatsOptions<Client> {
  readonly open: OpenCounts;
  /** Sockets of one address at once. */
  readonly perAddress: number;
  readonly graceMs: number;
  /** Closes a socket and calls `leave`. */
  readonly forget: (client: Client) => void;
  /** Called for each socket that is closed without a word because its address has too many. */
  readonly onDropped?: ((most: number) => void) | undefined;
}

/** Places for the sockets of each address. */
export interface AddressSeats<Client> {
  /** Takes its place among those of its address, if need be that of one which waits. */
  take(client: Client, address: string): void;
  leave(client: Client, address: string): void;
  /** Some are one too many. */
  anyRefused(): boolean;
}

/** So many sockets over the limit of an address are kept to tell it why; the others are closed at once. */
const mostRefused = 20;

export function createAddressSeats<Client extends Seated>(options: AddressSeatsOptions<Client>): AddressSeats<Client> {
  const { open, perAddress, graceMs, forget, onDropped } = options;
  const byAddress = new Map<string, Set<Client>>();
  let refused = 0;
  return {
    take(client, address) {
      const siblings = byAddress.get(address) ?? new Set();
      const latest = client.acceptedAt - graceMs;
      const isFull = open.of(address) >= perAddress;
      const others = isFull ? [...siblings] : [];
      const idle = others.find(({ items, acceptedAt }) => items.size === 0 && acceptedAt <= latest);
      if (idle !== undefined) forget(idle);
      client.refused = idle === undefined && isFull;
      if (client.refused) refused += 1;
      siblings.add(client);
      byAddress.set(address, siblings);
      open.add(address);
      if (open.of(address) <= perAddress + mostRefused) return;
      onDropped?.(perAddress);
      forget(client);
    },
    leave(client, address) {
      if (client.refused) refused -= 1;
      const siblings = byAddress.get(address);
      if (siblings?.delete(client) !== true) return;
      open.remove(address);
      if (siblings.size === 0) byAddress.delete(address);
    },
    anyRefused: () => refused > 0,
  };
}
