/**
 * A program that any runtime can start: a command takes its task as JSON in the first argument and writes messages to standard output; a page
 * takes it from the address's fragment and posts them to the server that it came from.
 */

/** One message, or how it ended. */
export type Said = { readonly message: unknown } | { readonly ended: true } | { readonly error: string };

/** How long a program may say nothing: one that hangs must not hold up the others. */
export const SILENCE_SECONDS = 900;

/** Begins a line that is a message; other lines are what libraries print. As in JSON text sequences, RFC 7464. */
export const RECORD = "\u001e";

/** Runs `main` with the task; a command then ends, whatever threads are left. */
export async function runProgram<Task, Message>(
  main: (task: Task, tell: (message: Message) => Promise<void>) => Promise<void>,
): Promise<void> {
  const inPage = typeof document !== "undefined";
  const say = inPage ? post() : write;
  const task = JSON.parse(inPage ? decodeURIComponent(location.hash.slice(1)) : (process.argv[2] ?? "")) as Task;
  try {
    await main(task, (message) => say({ message }));
    await say({ ended: true });
  } catch (error) {
    await say({ error: described(error) });
  }
  if (!inPage) process.exit();
}

/** With the stack, which in V8 begins with the message, and in Firefox and Bun doesn't. */
function described(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { message, stack = "" } = error;
  return stack.includes(message) ? stack : `${message}\n${stack}`;
}

const write = (said: Said): Promise<void> =>
  new Promise((resolve, reject) => {
    process.stdout.write(`${RECORD}${JSON.stringify(said)}\n`, (error) => (error ? reject(error) : resolve()));
  });

/** Messages are numbered, so that the server can ask for one after the other. */
function post(): (said: Said) => Promise<void> {
  let count = 1; // 0 is the page itself: "started"
  return async (said) => {
    await fetch(`/report/${count++}`, { method: "POST", body: JSON.stringify(said) });
  };
}
