"""Writes which characters BERT's stages drop, set apart, and count as punctuation, of all of Unicode, as Hugging Face's library has it.

    python tools/reference/characters.py   # tokenizers 0.23.3

packages/models-nlp/golden/tokenizers/characters.json has the first and the last of each run.
"""
import json
from itertools import groupby
from pathlib import Path

from tokenizers import normalizers, pre_tokenizers

CHARACTERS = [code for code in range(0x110000) if not 0xD800 <= code < 0xE000]
off = {"clean_text": False, "handle_chinese_chars": False, "strip_accents": False, "lowercase": False}
clean, chinese = normalizers.BertNormalizer(**{**off, "clean_text": True}), normalizers.BertNormalizer(**{**off, "handle_chinese_chars": True})
punctuation, space = pre_tokenizers.Punctuation(), pre_tokenizers.WhitespaceSplit()


def runs(belongs):
    found = [code for code in CHARACTERS if belongs(f"a{chr(code)}b")]
    groups = (list(group) for _, group in groupby(enumerate(found), key=lambda pair: pair[1] - pair[0]))
    return [[group[0][1], group[-1][1]] for group in groups]


characters = {
    "dropped": runs(lambda text: clean.normalize_str(text) == "ab"),
    "ideographs": runs(lambda text: chinese.normalize_str(text) != text),
    "punctuation": runs(lambda text: len(punctuation.pre_tokenize_str(text)) == 3),
    "whitespace": runs(lambda text: len(space.pre_tokenize_str(text)) == 2),
}
file = Path(__file__).parents[2] / "packages/models-nlp/golden/tokenizers/characters.json"
file.write_text(json.dumps(characters, separators=(",", ":")))
