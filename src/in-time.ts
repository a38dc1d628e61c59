/** The work's result; rejects with `late` when it takes longer. The work goes on then. */
export async function inTime<Result>(
  work: PromiseLike<Result>,
  ms: number,
  late = () => new Error(`no answer within ${ms} ms`),
): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late()), ms);
  });
  try {
    return await Promise.race([work, deadline]);
  } finally {
    clearTimeout(timer);
  }
}

/** The work's result, or undefined when it takes longer; then it goes on unheard. */
export async function giveUpAfter<Result>(ms: number, work: Promise<Result>): Promise<Result | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
    // nobody is left to hear of its failure
    work.catch(() => undefined);
  }
}
