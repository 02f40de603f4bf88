"""Writes what sacreBLEU says of a few corpora, for @x/train's BLEU.

    pip install sacrebleu==2.6.0
    python tools/reference/bleu.py

Each corpus in packages/train/golden/bleu.json has translations, references, their words by the 13a tokenisation, the score, precisions and brevity penalty.
"""
import json
from pathlib import Path
from random import Random

from sacrebleu.metrics import BLEU

OUT = Path(__file__).parents[2] / "packages/train/golden/bleu.json"
references = [
    "Ein Modifizierer \"{0}\" darf nicht mit einer Importdeklaration verwendet werden.",
    "Der Typ 'string | undefined' kann nicht zugewiesen werden: 3,5 von 1.000 (vgl. ES2015-Module)!",
    "Die Option --lib wird in Version 5.0 entfernt; siehe https://aka.ms/ts6 &amp; folgende.",
    "Größe: 10-20 km/h – „sehr schnell“, sagt er... $5 & mehr",
    "kurz",
]
near = [
    "Ein Modifizierer \"{0}\" darf mit einer Importdeklaration nicht verwendet werden.",
    "Typ 'string | undefined' kann nicht zugewiesen werden: 3,5 von 1.000 (siehe ES2015-Module)!",
    "Die Option --lib wird in Version 5.1 entfernt, siehe https://aka.ms/ts6 &amp; folgende.",
    "Größe: 10-20 km/h – „schnell“, sagt er... $5 & mehr",
    "kurz",
]
corpora = {
    "same": references,
    "near": near,
    "short": [text[: len(text) // 2] for text in references],
    "long": [text + " und so weiter, und so fort." for text in near],
    "no fours": ["Ein Importdeklaration Modifizierer", "Typ kann zugewiesen nicht", "Die Version 5.0 siehe", "schnell km/h", "lang"],
    "nothing": ["x"] * 5,
    "empty": [""] * 5,
}
random = Random(1)
WORDS = ["Hallo", "Welt", "3,5", "1.000", "10-20", "a-", "-b", "&amp;lt;", "&lt;b&gt;", "&quot;", "...", "$5", "it's", "«x»", "日本。", "e.g.", "{c}", "~", "^", "\\", "<skipped>", "-\n",
         "\n", "x_y", "@", "😀,1", "1,😀", "\u00a0", "\u2028", "\x1c", "\x85", "\ufeff", "5.", "٣.٤"]  # fmt: skip


def odd():
    """Of odd words, a few lines, of each some words gone; now and then nothing."""
    right = [" ".join(random.choice(WORDS) for _ in range(random.randrange(12))) for _ in range(random.randrange(1, 4))]
    return [" ".join(word for word in line.split(" ") if random.random() < 0.85) for line in right], right


pairs = [(name, translations, references) for name, translations in corpora.items()] + [(f"odd {i}", *odd()) for i in range(25)]
tokenize = BLEU(tokenize="13a").tokenizer
cases = []
for name, translations, references in pairs:
    score = BLEU(tokenize="13a").corpus_score(translations, [references])
    cases.append({"name": name, "translations": translations, "references": references, "words": [tokenize(t.rstrip()).split() for t in translations],
                  "score": score.score, "precisions": score.precisions, "brevityPenalty": score.bp})
    print(name, score)
OUT.parent.mkdir(parents=True, exist_ok=True)
OUT.write_text(json.dumps(cases, ensure_ascii=False, indent=1) + "\n")
