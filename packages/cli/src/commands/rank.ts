import { anyModel } from "../any-model.ts";
import type { Call } from "../call.ts";
import { type CommandSpec, texts } from "../command.ts";
import { promptsOf } from "../embedder.ts";
import { query, running, topK, truncate } from "../options.ts";

export const rank: CommandSpec = {
  name: "rank",
  summary: "Order texts by how near they are to a query",
  inputs: texts,
  options: [...running(), query(), topK(10), truncate()],
  example: 'x rank --model sentence-transformers/all-MiniLM-L6-v2 --query "how large is a whale" < passages.txt',
  async run(call) {
    using judge = await judgeOf(call);
    const { topK: most = 10 } = call.options;
    let best: Ranked[] = [];
    let count = 0;
    await call.each(call.texts(), judge.scores, (text, score) => {
      best.push({ index: count++, text, score });
      if (best.length >= 2 * most) best = nearest(best, most);
      return undefined;
    });
    for (const record of nearest(best, most)) await call.tell({ record, rows: [[record.score, record.text]] });
  },
};

/** What tells how near texts are to the query. */
interface Judge extends Disposable {
  scores(passages: readonly string[]): Promise<readonly number[]>;
}

/** A reranker reads query and text together, ColBERT compares their tokens; of any other model vectors are compared. */
async function judgeOf(call: Call): Promise<Judge> {
  const { query: wanted = "" } = call.options;
  const { pipeline } = await import("@x/models-nlp/auto");
  const { head, place } = await anyModel(call);
  const options = { ...call.batch, ...call.cutting };
  if (head === "ForSequenceClassification" || head === "ColBERT") {
    const { ColBERT, scorePairs } = await import("@x/models-nlp");
    const model =
      head === "ColBERT" ? await ColBERT.fromPretrained(place, call.loading) : (await pipeline("text-ranking", place, call.loading)).model;
    return {
      scores: (passages) =>
        scorePairs(
          model,
          passages.map((text) => [wanted, text] as const),
          options,
        ),
      [Symbol.dispose]: () => model[Symbol.dispose](),
    };
  }
  const embed = await pipeline("feature-extraction", place, call.loading);
  const { similarity } = await import("@x/search");
  const { query: before, document } = promptsOf(embed.model);
  const asked = await embed(wanted, { ...options, prompt: before });
  return {
    scores: async (passages) => (await embed(passages, { ...options, prompt: document })).map((vector) => similarity(asked, vector)),
    [Symbol.dispose]: embed.dispose,
  };
}

interface Ranked {
  /** Which of the texts it is, from 0 on. */
  readonly index: number;
  readonly text: string;
  readonly score: number;
}

const nearest = (found: readonly Ranked[], most: number): Ranked[] => found.toSorted((a, b) => b.score - a.score).slice(0, most);
