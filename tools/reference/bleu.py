"""Writes what sacreBLEU says of a few corpora, for @x/train's BLEU.

    pip install sacrebleu==2.6.0
    python tools/reference/bleu.py

Each corpus in packages/train/golden/bleu.json has translations, references, their words by the 13a tokenisation, the score, precisions and brevity penalty.
"""
import json
from pathlib import Path

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
tokenize = BLEU(tokenize="13a").tokenizer
cases = []
for name, translations in corpora.items():
    score = BLEU(tokenize="13a").corpus_score(translations, [references])
    cases.append({"name": name, "translations": translations, "references": references, "words": [tokenize(t).split() for t in translations],
                  "score": score.score, "precisions": score.precisions, "brevityPenalty": score.bp})
    print(name, score)
OUT.parent.mkdir(parents=True, exist_ok=True)
OUT.write_text(json.dumps(cases, ensure_ascii=False, indent=1) + "\n")
