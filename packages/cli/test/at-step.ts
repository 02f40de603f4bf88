/** Loaded before a program: it sends itself `AT_STEP`'s signal ("SIGKILL 17") when it has told of that step. However fast or slow the machine is, that is there. */
import process from "node:process";

const [signal = "", step = ""] = (process.env["AT_STEP"] ?? "").split(" ");
const write = process.stdout.write.bind(process.stdout) as (text: string) => boolean;
process.stdout.write = (text: string | Uint8Array) => {
  const result = write(String(text));
  const told = /^\{"event":"step","step":(\d+)/.exec(String(text))?.[1];
  if (told !== undefined && Number(told) >= Number(step)) {
    process.stdout.write = write as typeof process.stdout.write; // once
    process.kill(process.pid, signal);
  }
  return result;
};
