import type { NewEvent } from "../../src/preview/events/events.ts";
import type { EventUseCases } from "../../src/preview/events/read-events.ts";

/** Where nothing ever happened, and a log that keeps what it is told. */
export function createFakeEvents() {
  const recorded: NewEvent[] = [];
  const events: EventUseCases = {
    list: async () => ({ events: [], cursor: 0, more: false }),
    accesses: async () => ({ accesses: [], cursor: 0, more: false }),
    async *follow() {},
    isSame: () => true,
  };
  return { recorded, events, eventLog: { record: (event: NewEvent) => void recorded.push(event) } };
}
