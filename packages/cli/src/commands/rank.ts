import { similarity } from "@x/search";
import { type CommandSpec, texts } from "../command.ts";
import { query, running, topK, truncate } from "../options.ts";

export const rank: CommandSpec = {
  name: "rank",
  summary: "Order texts by how near they are to a query",
  inputs: texts,
  options: [...running(), query(), topK(10), truncate()],
  example: 'x rank --model sentence-transformers/all-MiniLM-L6-v2 --query "how large is a whale" < passages.txt',
  async run(call) {
    const { pipeline } = await import("@x/models-nlp/auto");
    const { model, query: wanted = "", topK: most = 10 } = call.options;
    using embed = await pipeline("feature-extraction", model, call.loading);
    const options = { ...call.batch, ...call.cutting };
    const place = await embed(wanted, { ...options, ...queryPrompt(embed.model) });
    let best: Ranked[] = [];
    let count = 0;
    await call.each(
      call.texts(),
      (lines) => embed(lines, options),
      (text, vector) => {
        best.push({ index: count++, text, score: similarity(place, vector) });
        if (best.length >= 2 * most) best = nearest(best, most);
        return undefined;
      },
    );
    for (const record of nearest(best, most)) await call.tell({ record, rows: [[record.score, record.text]] });
  },
};

interface Ranked {
  /** Which of the texts it is, from 0 on. */
  readonly index: number;
  readonly text: string;
  readonly score: number;
}

const nearest = (found: readonly Ranked[], most: number): Ranked[] => found.toSorted((a, b) => b.score - a.score).slice(0, most);

/** What the repository declares for queries, if it does. */
const queryPrompt = (model: object): { readonly prompt?: string | undefined } =>
  "prompts" in model ? { prompt: (model.prompts as Readonly<Record<string, string>>)["query"] } : {};
