import { InvalidArgumentError, Option } from "commander";

/** All that can be said after a command's name, by the names that they have here. */
export interface Options {
  readonly model: string;
  readonly json?: boolean | undefined;
  readonly threads?: number | undefined;
  /** The last two of what is written. */
  readonly dtype?: "float32" | "int8" | "float16" | "bfloat16" | undefined;
  readonly cache?: string | undefined;
  readonly batchSize?: number | undefined;
  readonly topK?: number | undefined;
  readonly truncate?: boolean | undefined;
  readonly pairs?: boolean | undefined;
  readonly labels?: readonly string[] | undefined;
  readonly template?: readonly string[] | undefined;
  readonly query?: string | undefined;
  readonly context?: string | undefined;
  readonly task?: "classify-text" | "tag" | "classify" | "embed" | "translate" | undefined;
  readonly data?: string | undefined;
  readonly validation?: string | undefined;
  readonly validationShare?: number | undefined;
  readonly epochs?: number | undefined;
  readonly learningRate?: number | undefined;
  readonly lora?: number | undefined;
  readonly maxLength?: number | undefined;
  readonly saveEvery?: number | undefined;
  readonly simd?: "plain" | "relaxed" | "wide" | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly input?: "text" | "image" | undefined;
  readonly precision?: "float32" | "binary" | "ubinary" | undefined;
  readonly out?: string | undefined;
  readonly maskRatio?: number | undefined;
  readonly seed?: number | undefined;
  readonly layer?: number | undefined;
  readonly head?: number | undefined;
  readonly index?: string | undefined;
  readonly add?: boolean | undefined;
  readonly shardSize?: number | undefined;
  readonly clear?: boolean | undefined;
  readonly dryRun?: boolean | undefined;
  readonly seconds?: number | undefined;
  readonly column?: string | undefined;
  readonly into?: string | undefined;
  readonly columns?: readonly string[] | undefined;
  readonly format?: "parquet" | "jsonl" | "npy" | undefined;
  readonly job?: string | undefined;
  readonly vectors?: "float32" | "int8" | undefined;
  readonly prompt?: string | undefined;
  readonly strict?: boolean | undefined;
  readonly shardRows?: number | undefined;
  readonly workers?: number | undefined;
  readonly queue?: string | undefined;
  readonly port?: number | undefined;
  readonly host?: string | undefined;
  readonly maxBatch?: number | undefined;
  readonly maxQueue?: number | undefined;
  readonly maxInputs?: number | undefined;
  readonly maxBody?: number | undefined;
  readonly maxSeconds?: number | undefined;
}

export function whole(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("It must be a whole number from 1 on.");
}

function port(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) < 65_536) return Number(text);
  throw new InvalidArgumentError("It must be a number from 0 to 65535.");
}

export function share(text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && value > 0 && value < 1) return value;
  throw new InvalidArgumentError("It must be a number between 0 and 1.");
}

/** Of files. int8 is made while a model is loaded: no file has it. */
function storedDType(text: string): NonNullable<Options["dtype"]> {
  const known = (["float32", "float16", "bfloat16"] as const).find((one) => one === text);
  if (known) return known;
  const why = text === "int8" ? " int8 is for computing: give it to the command that runs the model." : "";
  throw new InvalidArgumentError(`Allowed choices are float32, float16, bfloat16.${why}`);
}

/** `500MB`, as in Hugging Face's libraries: thousands. */
function bytes(text: string): number {
  const [, number, unit = ""] = /^(\d+(?:\.\d+)?) *([KMG]?)B$/i.exec(text.trim()) ?? [];
  const size = Number(number) * 1000 ** " KMG".indexOf(unit.toUpperCase() || " ");
  if (size >= 1) return Math.floor(size);
  throw new InvalidArgumentError("It must be a size such as 500MB or 2GB.");
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

export const threads = (): Option => new Option("--threads <count>", "how many threads work").argParser(whole);

export const dtype = (): Option =>
  new Option("--dtype <kind>", "int8: linear layers in a quarter of the memory").choices(["float32", "int8"]);

/** What commands that run a model take, too. */
export const running = (): Option[] => [
  model(),
  threads(),
  dtype(),
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

/** Of commands that draw. */
export const out = (): Option => new Option("-o, --out <folder>", "where pictures are written").default(".");

export const maskRatio = (): Option =>
  new Option("--mask-ratio <share>", "how much is hidden (default: what the model was trained with)").argParser(share);

export const seed = (): Option => new Option("--seed <number>", "which parts are hidden").default(1).argParser(whole);

/** Which attention of a text is drawn. */
export const oneAttention = (): Option[] => [
  new Option("--layer <number>", "of texts: which layer, from 1 on (default: the last)").argParser(whole),
  new Option("--head <number>", "of texts: which head, from 1 on (default: their mean)").argParser(whole),
];

export const index = (): Option =>
  new Option(
    "--index <file>",
    "where what was added is kept: a .safetensors file; or a table that bulk has filled, lancedb:folder#table or postgres://host/database#table",
  ).makeOptionMandatory();

export const add = (): Option => new Option("--add", "add the inputs to the index, instead of searching for them");

/** Of what is written. */
export const storing = (): Option[] => [
  new Option("-o, --out <folder>", "where it is written").makeOptionMandatory(),
  new Option("--dtype <kind>", "how numbers are kept: float32, float16, bfloat16").default("float32").argParser(storedDType),
  new Option("--shard-size <size>", "the most that one file holds: 500MB, 2GB").default(5e9, "5GB").argParser(bytes),
];

export const clear = (): Option => new Option("--clear", "remove it");

export const dryRun = (): Option =>
  new Option("--dry-run", "tell which files loading would fetch, how long they are and which are here; none is fetched");

export const seconds = (): Option => new Option("--seconds <count>", "how long each size is measured").default(3).argParser(whole);

/** int8 and uint8 would need ranges of many vectors first. */
export const precision = (): Option =>
  new Option("--precision <kind>", "binary, ubinary: a bit a number, packed into bytes")
    .choices(["float32", "binary", "ubinary"])
    .default("float32");

/** Of whole collections. */
export const bulking = (): Option[] => [
  new Option("-m, --model <name>", "a repository on the hub (owner/name), a folder or an address; of module, a file"),
  new Option(
    "-o, --out <place>",
    "a file (.parquet, .jsonl, .npy), a folder or s3://bucket/prefix, in which the result lies in parts, or a table (lancedb:folder#table, postgres://host/database#table)",
  ),
  new Option("--format <kind>", "of a folder's parts (default: parquet)").choices(["parquet", "jsonl", "npy"]),
  new Option("--job <folder>", "of a table: where its parts are until they are in it (default: beside LanceDB's folder, or here)"),
  new Option("--column <name>", "which column is dealt with (default: file if there is one, else text)"),
  new Option("--into <name>", "which column the result goes to; one that is there already is filled where it is empty"),
  new Option("--columns <names>", "which columns of the input are kept, with commas between them (default: all)").argParser(listed),
  new Option("--vectors <kind>", "how their numbers are kept (default: float32)").choices(["float32", "int8"]),
  new Option("--prompt <text>", "put before each text that is embedded (default: what the model's files say)"),
  new Option("-l, --labels <words>", "of zero-shot: labels, with commas between them; may be given again").argParser(listed),
  template(),
  dtype(),
  new Option("--batch-size <count>", "how many items go through the model together").default(8).argParser(whole),
  new Option("--shard-rows <count>", "rows of a shard, which is what a killed run loses (default: 2000)").argParser(whole),
  new Option("--workers <count>", "how many models work at the same time (default: what a measurement says is fastest)").argParser(whole),
  threads(),
  new Option("--strict", "end with the first item that can't be dealt with, instead of writing it into the errors file"),
  new Option("--queue <address>", "where shards wait for workers on other machines: redis://… or postgres://…"),
];

export const listening = (): Option[] => [
  new Option("--port <number>", "where it listens; 0 for any that is free").default(8080).argParser(port),
  new Option("--host <address>", "for whom: 0.0.0.0 for all the world").default("127.0.0.1"),
];

/** Of a server. */
export const limits = (): Option[] => [
  new Option("--max-batch <count>", "how many inputs go through the model together").default(32).argParser(whole),
  new Option("--max-queue <count>", "how many may wait; others are answered 429").default(512).argParser(whole),
  new Option("--max-inputs <count>", "how many texts a request may have").default(256).argParser(whole),
  new Option("--max-body <size>", "how long a request may be").default(2e6, "2MB").argParser(bytes),
  new Option("--max-seconds <count>", "how long a request may take").default(30).argParser(whole),
];
