import { spawn } from "node:child_process";

export interface Place {
  readonly folder: string;
  readonly environment: NodeJS.ProcessEnv;
}

/** Runs a line of shell. @returns what it printed @throws Error with everything that it said, when it fails or takes longer than five minutes */
export async function shell(line: string, { folder, environment }: Place): Promise<string> {
  const child = spawn("bash", ["-c", line], { cwd: folder, env: environment, stdio: ["ignore", "pipe", "pipe"], timeout: 300_000 });
  let [printed, complaints] = ["", ""];
  child.stdout.on("data", (text: Buffer) => (printed += text.toString()));
  child.stderr.on("data", (text: Buffer) => (complaints += text.toString()));
  const code = await new Promise<number | null>((resolve, reject) => child.once("error", reject).once("close", resolve));
  if (code !== 0) throw new Error(`\`${line}\` ended with ${code}\n${printed}${complaints}`);
  return printed;
}
