import { execFile, spawn } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { constants as system } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** Where `--install` puts runtimes that npm has. */
export const runtimesFolder: string = fileURLToPath(new URL("../../runtimes", import.meta.url));

/** The first that exists: paths as they are, names on the PATH. */
export function findCommand(candidates: readonly string[]): string | undefined {
  const paths = candidates.flatMap((candidate) =>
    candidate.includes("/") ? [candidate] : (process.env["PATH"] ?? "").split(delimiter).map((folder) => join(folder, candidate)),
  );
  return paths.find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** What a command prints. @throws Error when it fails or takes longer than two minutes */
export async function output(command: string, args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(command, args, { maxBuffer: 2 ** 28, timeout: 120_000 });
  return stdout;
}

/** The number in what `--version` prints. */
export async function versionOf(command: string): Promise<string> {
  return /\d+(\.\d+)+|\d{4}-\d\d-\d\d/.exec(await output(command, ["--version"]))?.[0] ?? "unknown";
}

export interface Running {
  /** Ends it and everything it started. */
  stop(): Promise<void>;
  /** What it said on its error output. */
  readonly complaints: () => string;
}

/** Starts a command in a process group of its own. */
export function start(command: string, args: readonly string[], environment: NodeJS.ProcessEnv = {}): Running {
  const child = spawn(command, args, { detached: true, stdio: ["ignore", "ignore", "pipe"], env: { ...process.env, ...environment } });
  let said = "";
  child.stderr.on("data", (text: Buffer) => (said = `${said}${text.toString()}`.slice(-4000)));
  child.on("error", (error) => (said += error.message));
  const kill = (): void => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    } catch {
      // it had ended
    }
  };
  // Of a group of its own, it wouldn't hear that this program is told to end.
  const leave = (signal: NodeJS.Signals): void => {
    kill();
    process.exit(128 + system.signals[signal]);
  };
  const signals = ["SIGINT", "SIGTERM"] as const;
  for (const signal of signals) process.once(signal, leave);
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  return {
    complaints: () => said,
    async stop() {
      kill();
      for (const signal of signals) process.removeListener(signal, leave);
      if (child.pid !== undefined) await ended;
    },
  };
}
