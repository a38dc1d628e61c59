/** What was opened, closed in reverse order; every close is tried, the first failure is thrown at the end. */
export interface ClosingStack {
  /** Registers the close of what was just opened, and hands the thing on. */
  add<T extends { close(): Promise<void> }>(opened: T): T;
  close(): Promise<void>;
}

export function createClosingStack(): ClosingStack {
  const closers: (() => Promise<void>)[] = [];
  let closing: Promise<void> | undefined;
  return {
    add(opened) {
      closers.push(() => opened.close());
      return opened;
    },
    close() {
      closing ??= closeAll(closers);
      return closing;
    },
  };
}

async function closeAll(closers: (() => Promise<void>)[]): Promise<void> {
  const failures: unknown[] = [];
  for (const close of closers.toReversed()) {
    await close().catch((error: unknown) => failures.push(error));
  }
  if (failures.length > 0) throw failures[0];
}
