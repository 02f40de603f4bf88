/** Lets other work have its turn, once every few milliseconds: `await breathe()` in a long loop. @param every milliseconds. Default 25 */
export function breather(every: number = 25): () => Promise<void> {
  let last = performance.now();
  return async () => {
    if (performance.now() - last < every) return;
    await new Promise((resolve) => setTimeout(resolve, 0));
    last = performance.now();
  };
}
