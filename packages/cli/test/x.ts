/** The real binary, as a user calls it. */
import { spawn } from "node:child_process";
import { join } from "node:path";

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** How the source is run. */
export const source = ["--conditions=@x/source", "--disable-warning=ExperimentalWarning", join(import.meta.dirname, "../src/main.ts")];

/** Types are stripped once, not by every process. */
const compiled = { NODE_COMPILE_CACHE: join(import.meta.dirname, "../../../node_modules/.cache/compile") };

/** The same for a training that sends itself a signal at a step: `atStep("SIGKILL 17")`. */
export const atStep = (signal: string): { readonly program: readonly string[]; readonly environment: NodeJS.ProcessEnv } => ({
  program: ["--import", join(import.meta.dirname, "at-step.ts"), ...source],
  environment: { AT_STEP: signal },
});

export interface Calling {
  /** Node's options and the program. Default: the source. */
  readonly program?: readonly string[];
  readonly folder?: string;
  readonly stdin?: string | Uint8Array;
  readonly environment?: NodeJS.ProcessEnv;
  /** Milliseconds after which it is killed. */
  readonly killAfter?: number | undefined;
  /** Told what it has printed so far, and how to end it. */
  readonly onOutput?: (out: string, child: ReturnType<typeof spawn>) => void;
}

export async function x(
  words: readonly string[],
  { program = source, folder, stdin = "", environment, killAfter, onOutput }: Calling = {},
): Promise<Ended> {
  const child = spawn(process.execPath, [...program, ...words], { cwd: folder, env: { ...process.env, ...compiled, ...environment } });
  const [out, err]: [Buffer[], Buffer[]] = [[], []];
  child.stdout.on("data", (bytes: Buffer) => {
    out.push(bytes);
    onOutput?.(Buffer.concat(out).toString(), child);
  });
  child.stderr.on("data", (bytes: Buffer) => err.push(bytes));
  child.stdin.on("error", () => {}); // it needn't read to the end
  if (onOutput) child.stdin.write(stdin);
  else child.stdin.end(stdin);
  const timer = killAfter === undefined ? undefined : setTimeout(() => child.kill("SIGKILL"), killAfter);
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  clearTimeout(timer);
  return { code, out: Buffer.concat(out).toString(), err: Buffer.concat(err).toString() };
}

/** The objects that it has printed, a line each. */
export const records = ({ out }: Ended): unknown[] =>
  out
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as unknown);
