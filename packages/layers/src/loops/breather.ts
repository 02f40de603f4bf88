/** Lets other work have its turn, once every few milliseconds: `await breathe()` in a long loop. */
export function breather(): () => Promise<void> {
  let last = performance.now();
  return async () => {
    if (performance.now() - last < 25) return;
    await new Promise((resolve) => setTimeout(resolve, 0));
    last = performance.now();
  };
}
