/**
 * Runs a function on the newest input only: while it runs, inputs that come are passed over but for the last. So a slow model never falls behind a hand
 * that draws.
 */
export function latest<Input>(run: (input: Input) => Promise<void>): (input: Input) => void {
  let waiting: { readonly input: Input } | undefined;
  let isRunning = false;
  return async (input) => {
    waiting = { input };
    if (isRunning) return;
    isRunning = true;
    try {
      while (waiting) {
        const next: { readonly input: Input } = waiting;
        waiting = undefined;
        await run(next.input);
      }
    } finally {
      isRunning = false;
    }
  };
}
