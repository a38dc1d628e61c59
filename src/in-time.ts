/** The work's result; rejects with `late` when it takes longer. The work goes on then. */
export async function inTime<Result>(
  work: PromiseLike<Result>,
  ms: number,
  late = () => new Error(`no answer within ${ms} ms`),
): Promise<Result> {
  return await untilLate(work, ms, () => {
    throw late();
  });
}

/** The work's result, or undefined when it takes longer; then it goes on unheard. */
export async function giveUpAfter<Result>(ms: number, work: Promise<Result>): Promise<Result | undefined> {
  try {
    return await untilLate(work, ms, () => undefined);
  } finally {
    // nobody is left to hear of its failure
    work.catch(() => undefined);
  }
}

async function untilLate<Result, Late>(
  work: PromiseLike<Result>,
  ms: number,
  onLate: () => Late,
): Promise<Result | Late> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  try {
    return await Promise.race([work, deadline.then(onLate)]);
  } finally {
    clearTimeout(timer);
  }
}
