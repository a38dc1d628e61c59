/** A question to the other side of a channel, and what became of it. */
export type CallMessage =
  | { readonly type: "ask"; readonly id: number; readonly name: string; readonly input: unknown }
  | { readonly type: "answer"; readonly id: number; readonly output: unknown }
  | { readonly type: "failure"; readonly id: number; readonly message: string };

type Questions<Q> = { [Name in keyof Q]: (input: never) => unknown };
type Input<Q, Name extends keyof Q> = Q[Name] extends (input: infer I) => unknown ? I : never;
type Output<Q, Name extends keyof Q> = Q[Name] extends (input: never) => infer O ? O : never;

/** How one side answers. */
export type Answering<Q extends Questions<Q>> = {
  readonly [Name in keyof Q]: (input: Input<Q, Name>) => Promise<Output<Q, Name>> | Output<Q, Name>;
};

/** Questions and answers over a channel that keeps the order of messages. */
export interface Calls<Asked extends Questions<Asked>> {
  /** Rejects with what went wrong on the other side, as text, and when the channel closes. */
  ask<Name extends keyof Asked & string>(name: Name, input: Input<Asked, Name>): Promise<Output<Asked, Name>>;
  /** To be given every such message that comes. */
  take(message: CallMessage): void;
  /** Rejects what waits. */
  close(): void;
}

interface Waiting {
  readonly resolve: (output: unknown) => void;
  readonly reject: (error: Error) => void;
}

export function createCalls<Asked extends Questions<Asked>, Own extends Questions<Own>>(
  send: (message: CallMessage) => void,
  answering: Answering<Own>,
): Calls<Asked> {
  const waiting = new Map<number, Waiting>();
  const known = new Map<string, (input: never) => unknown>(Object.entries(answering));
  let lastId = 0;

  async function answer({ id, name, input }: Extract<CallMessage, { type: "ask" }>): Promise<void> {
    try {
      // both sides are one program: what is sent under a name is what `Own` says
      const output = await known.get(name)?.(input as never);
      send({ type: "answer", id, output });
    } catch (error) {
      send({ type: "failure", id, message: error instanceof Error ? error.message : String(error) });
    }
  }

  function settle(id: number): Waiting | undefined {
    const found = waiting.get(id);
    waiting.delete(id);
    return found;
  }

  return {
    ask(name, input) {
      const id = (lastId += 1);
      const answered = new Promise<unknown>((resolve, reject) => waiting.set(id, { resolve, reject }));
      send({ type: "ask", id, name, input });
      // as above
      return answered as Promise<Output<Asked, typeof name>>;
    },
    take(message) {
      if (message.type === "ask") void answer(message);
      else if (message.type === "answer") settle(message.id)?.resolve(message.output);
      else settle(message.id)?.reject(new Error(message.message));
    },
    close() {
      for (const id of waiting.keys()) settle(id)?.reject(new Error("the other process has ended"));
    },
  };
}
