import type { TrafficReading } from "../gateway/gateway.ts";

/** Of several gateways together. */
export function sumOf(readings: readonly TrafficReading[]): TrafficReading {
  return readings.reduce(add, nothing);
}

/** What is left of a gateway that has ended: what it did. */
export function afterEnd(reading: TrafficReading): TrafficReading {
  return { ...reading, clients: 0, upstreams: 0 };
}

const nothing: TrafficReading = {
  answered: [],
  refused: new Map(),
  limited: new Map(),
  aborted: 0,
  clients: 0,
  upstreams: 0,
  received: 0,
  sent: 0,
};

function add(one: TrafficReading, other: TrafficReading): TrafficReading {
  const digits = Math.max(one.answered.length, other.answered.length);
  return {
    answered: Array.from({ length: digits }, (_, digit) => (one.answered[digit] ?? 0) + (other.answered[digit] ?? 0)),
    refused: merged(one.refused, other.refused),
    limited: merged(one.limited, other.limited),
    aborted: one.aborted + other.aborted,
    clients: one.clients + other.clients,
    upstreams: one.upstreams + other.upstreams,
    received: one.received + other.received,
    sent: one.sent + other.sent,
  };
}

function merged<Key>(one: ReadonlyMap<Key, number>, other: ReadonlyMap<Key, number>): Map<Key, number> {
  const sum = new Map(one);
  for (const [key, count] of other) sum.set(key, (sum.get(key) ?? 0) + count);
  return sum;
}
