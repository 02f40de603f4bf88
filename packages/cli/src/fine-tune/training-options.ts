import { InvalidArgumentError, Option } from "commander";
import { languages, model, share, whole } from "../options.ts";

function wholeFromZero(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("It must be a whole number from 0 on.");
}

function positive(text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && value > 0 && value < Infinity) return value;
  throw new InvalidArgumentError("It must be a number above 0.");
}

/** What training takes. @param tasks what `--task` may be */
export const training = (tasks: readonly string[]): Option[] => [
  model(),
  new Option("--task <name>", "what to learn").choices(tasks).makeOptionMandatory(),
  new Option("--data <place>", "examples: .jsonl, .csv, .tsv or .parquet, or a folder").makeOptionMandatory(),
  new Option("--validation <place>", "examples to evaluate with after every epoch; the best weights win"),
  new Option("--validation-share <share>", "the same, drawn from the examples: 0.1, say").argParser(share),
  new Option("--out <folder>", "where the model is saved; an unfinished run that lies there is gone on with").makeOptionMandatory(),
  new Option("--epochs <count>", "how often all examples are gone through").default(3).argParser(whole),
  new Option("--batch-size <count>", "how many examples a step learns from").default(16).argParser(whole),
  new Option("--learning-rate <rate>", "how large steps are (default: 5e-5, with --lora 5e-4)").argParser(positive),
  new Option("--lora <rank>", "train small matrices beside the model's own (LoRA)").argParser(whole),
  new Option("--max-length <count>", "most tokens of a text (default: as many as the model takes)").argParser(whole),
  new Option("--save-every <steps>", "after how many steps a checkpoint is written (default: an epoch)").argParser(whole),
  new Option("--seed <number>", "what is drawn: order, dropout, new weights").default(0).argParser(wholeFromZero),
  new Option("--threads <count>", "how many threads work").argParser(whole),
  new Option("--simd <build>", "plain: the same bits on every machine; wide: 256-bit vectors, in Node").choices([
    "plain",
    "relaxed",
    "wide",
  ]),
  ...languages(),
];
