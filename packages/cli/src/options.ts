import { InvalidArgumentError, Option } from "commander";

/** All that can be said after a command's name, by the names that they have here. */
export interface Options {
  readonly model: string;
  readonly json?: boolean | undefined;
  readonly threads?: number | undefined;
  readonly dtype?: "float32" | "int8" | undefined;
  readonly cache?: string | undefined;
  readonly batchSize?: number | undefined;
  readonly topK?: number | undefined;
  readonly truncate?: boolean | undefined;
  readonly pairs?: boolean | undefined;
  readonly labels?: readonly string[] | undefined;
  readonly template?: readonly string[] | undefined;
  readonly query?: string | undefined;
  readonly context?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly input?: "text" | "image" | undefined;
}

function whole(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("It must be a whole number from 1 on.");
}

/** `cat,dog` and again `--labels bird`. */
const listed = (text: string, before: readonly string[] | undefined): readonly string[] => [
  ...(before ?? []),
  ...text.split(",").flatMap((one) => one.trim() || []),
];

/** What every command takes. */
export const everywhere = (): Option[] => [
  new Option("--json", "one object a line, as the README documents it"),
  new Option("--cache <folder>", "where files of the hub are kept (default: HF_HUB_CACHE, else ~/.cache/huggingface/hub)"),
];

export const model = (): Option =>
  new Option("-m, --model <name>", "a repository on the hub (owner/name), a folder or an address").makeOptionMandatory();

/** What commands that run a model take, too. */
export const running = (): Option[] => [
  model(),
  new Option("--threads <count>", "how many threads work").argParser(whole),
  new Option("--dtype <kind>", "int8: linear layers in a quarter of the memory").choices(["float32", "int8"]),
  new Option("--batch-size <count>", "how many inputs go through the model together").default(8).argParser(whole),
];

export const topK = (most: number): Option =>
  new Option("-k, --top-k <count>", "how many to tell, the best first").default(most).argParser(whole);

export const truncate = (): Option => new Option("--truncate", "cut texts that are too long, instead of reporting them");

export const pairs = (): Option => new Option("--pairs", "each input is two texts with a tab between them");

export const labels = (): Option =>
  new Option("-l, --labels <words>", "labels, with commas between them; may be given again").argParser(listed).makeOptionMandatory();

export const template = (): Option =>
  new Option(
    "--template <sentence>",
    "a sentence with {label}; may be given again, for the mean (default: A photo of a {label}.)",
  ).argParser((text: string, before: readonly string[] | undefined) => [...(before ?? []), text]);

export const query = (): Option => new Option("-q, --query <text>", "what the texts are to be near to").makeOptionMandatory();

export const context = (): Option =>
  new Option("--context <text>", "where the answers stand; without it, each input is a question, a tab and its context");

/** Of models of many languages. */
export const languages = (): Option[] => [
  new Option("--from <language>", "the texts' language, of models of many: en, eng_Latn"),
  new Option("--to <language>", "the language to translate into, of models of many: fr, fra_Latn"),
];

export const input = (): Option =>
  new Option("--input <kind>", "what inputs are, of models that read and see (default: by the look of each)").choices(["text", "image"]);
