/** Work on many things, a few of them at the same time. */

/** Results in the order of the items; rejects with the first failure. @param many how many at the same time */
export async function inParallel<T, R>(many: number, items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = new Array(items.length);
  let next = 0;
  const worker = async () => {
    for (let i = next++; i < items.length; i = next++) results[i] = await work(items[i]!);
  };
  await Promise.all(Array.from({ length: many }, worker));
  return results;
}
