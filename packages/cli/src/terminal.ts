/** What the command is connected to: standard output, on which results go, and standard error, on which all else goes. */
import process from "node:process";
import yoctoSpinner from "yocto-spinner";
import { printable } from "./table.ts";

/** Writes, and waits while the reader is behind. */
export async function write(text: string): Promise<void> {
  if (!process.stdout.write(text)) await new Promise((resolve) => process.stdout.once("drain", resolve));
}

/** Whoever reads may stop at any time, as `head` does: that is no failure. A full disk is. */
export function endQuietlyWithReader(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") complain(`the results can't be written: ${error.message}`);
    process.exit(error.code === "EPIPE" ? 0 : 1);
  });
}

/** One line on standard error. */
export function complain(message: string): void {
  process.stderr.write(`x: ${printable(message.replaceAll(/\s*\n\s*/g, "; "))}\n`);
}

/** Bold, on a terminal whose user hasn't set NO_COLOR. */
export const bold = (text: string): string =>
  process.stdout.isTTY && !process.env["NO_COLOR"] ? `\u001b[1m${printable(text)}\u001b[22m` : printable(text);

/** Tells on standard error what is under way, if that is a terminal. */
export class Progress implements Disposable {
  readonly #spinner = process.stderr.isTTY ? yoctoSpinner({ stream: process.stderr, handleSignals: false }) : undefined;

  show(text: string): void {
    if (!this.#spinner) return;
    this.#spinner.text = printable(text);
    if (!this.#spinner.isSpinning) this.#spinner.start();
  }

  hide(): void {
    this.#spinner?.stop();
  }

  [Symbol.dispose](): void {
    this.hide();
  }
}
