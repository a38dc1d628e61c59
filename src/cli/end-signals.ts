const signals = ["SIGINT", "SIGTERM"] as const;

/** What a process is told to end by. */
export interface EndSignals {
  /** The first one. */
  readonly first: Promise<string>;
  /** The second: whoever sends it does not want to wait. From then on signals do what they do by default. */
  readonly second: Promise<string>;
}

export function listenForEnd(): EndSignals {
  const waiting: ((signal: string) => void)[] = [];
  const next = () => new Promise<string>((resolve) => void waiting.push(resolve));
  const end = { first: next(), second: next() };
  const onSignal = (signal: string) => {
    waiting.shift()?.(signal);
    if (waiting.length === 0) for (const name of signals) process.off(name, onSignal);
  };
  for (const name of signals) process.on(name, onSignal);
  return end;
}
