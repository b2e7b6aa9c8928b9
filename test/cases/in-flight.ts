/** Runs all, so many at once; what they came to, in their order. */
export async function inFlight<Result>(limit: number, tasks: readonly (() => Promise<Result>)[]): Promise<Result[]> {
  const results: Result[] = new Array(tasks.length);
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < tasks.length) {
      const at = next++;
      results[at] = await (tasks[at] as () => Promise<Result>)();
    }
  };
  await Promise.all(Array.from({ length: limit }, work));
  return results;
}
