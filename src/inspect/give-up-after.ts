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
