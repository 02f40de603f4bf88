/** A file a command; the order is that of `x --help`. */
import type { CommandSpec } from "../command.ts";
import { answer } from "./answer.ts";
import { attention } from "./attention.ts";
import { bulk } from "./bulk.ts";
import { bench } from "./bench.ts";
import { cache } from "./cache.ts";
import { classify } from "./classify.ts";
import { classifyText } from "./classify-text.ts";
import { convert } from "./convert.ts";
import { embed } from "./embed.ts";
import { fillMask } from "./fill-mask.ts";
import { fineTune } from "./fine-tune.ts";
import { inspect } from "./inspect.ts";
import { rank } from "./rank.ts";
import { reconstruct } from "./reconstruct.ts";
import { search } from "./search.ts";
import { serve } from "./serve.ts";
import { tag } from "./tag.ts";
import { tokenize } from "./tokenize.ts";
import { translate } from "./translate.ts";
import { zeroShot } from "./zero-shot.ts";

export const commands: readonly CommandSpec[] = [
  inspect,
  classify,
  zeroShot,
  embed,
  search,
  rank,
  classifyText,
  fillMask,
  tag,
  answer,
  translate,
  tokenize,
  fineTune,
  attention,
  reconstruct,
  convert,
  bulk,
  serve,
  bench,
  cache,
];
