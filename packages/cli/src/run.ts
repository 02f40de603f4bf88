import { readFile } from "node:fs/promises";
import process from "node:process";
import { init, shutdown, XError } from "@x/layers";
import { Command, CommanderError } from "commander";
import { Call } from "./call.ts";
import type { CommandSpec } from "./command.ts";
import { commands } from "./commands/index.ts";
import { everywhere, type Options } from "./options.ts";
import { complain, endQuietlyWithReader } from "./terminal.ts";
import { UsageError } from "./usage-error.ts";

/** What ends a program that was interrupted. */
export const interrupted = 130;

/**
 * Runs the command line.
 * @param words what stands after `x`
 * @returns the exit code: 0, 1 for a failure, 2 for wrong use, 130 when interrupted
 */
export async function run(words: readonly string[]): Promise<number> {
  const controller = new AbortController();
  endQuietlyWithReader();
  process.once("SIGINT", () => {
    controller.abort();
    process.stdin.destroy(); // whoever waits for a line waits no longer
  });
  let failed = false;
  const program = new Command("x")
    .description("Transformers on the command line, from Hugging Face's checkpoints.")
    .version(await ownVersion())
    .exitOverride()
    .configureOutput({
      outputError: (text) =>
        complain(
          text
            .replace(/^error: /, "")
            .trim()
            .replaceAll("\n", " "),
        ),
    });
  for (const spec of commands)
    addCommand(program, spec, async (inputs, options) => {
      using call = new Call(inputs, options, controller.signal);
      const { threads, simd } = options;
      if (spec.hasWorkers !== true && (threads !== undefined || simd !== undefined)) await init({ threads, simd });
      await spec.run(call);
      failed = call.failed;
    });
  try {
    await program.parseAsync(words, { from: "user" });
    return failed ? 1 : 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (controller.signal.aborted) return interrupted;
    complain(error instanceof XError ? error.message : String(error));
    return error instanceof UsageError ? 2 : 1;
  } finally {
    shutdown();
  }
}

function addCommand(
  program: Command,
  { name, summary, inputs, options, example }: CommandSpec,
  action: (inputs: readonly string[], options: Options) => Promise<void>,
): void {
  const command = program.command(name).summary(summary).description(`${summary}.`);
  if (inputs !== undefined) command.argument("[inputs...]", inputs);
  const all = [...options, ...everywhere()];
  const needed = all.filter(({ mandatory }) => mandatory);
  // Commander would tell of what is missing before it tells of what is misspelt.
  for (const option of all) command.addOption(option.makeOptionMandatory(false));
  command.addHelpText("after", `\nExample:\n  $ ${example}`);
  command.action(() => {
    for (const option of needed)
      if (command.getOptionValue(option.attributeName()) === undefined) command.error(`required option '${option.flags}' not specified`);
    return action(command.args, command.opts<Options>());
  });
}

async function ownVersion(): Promise<string> {
  const { version } = JSON.parse(await readFile(new URL("../package.json", import.meta.url), "utf8")) as { readonly version: string };
  return version;
}
