"""Writes tokenizers whose stages are drawn at random from all that tokenizer.json may hold, and what Hugging Face's tokenizers make of random texts.

    python tools/reference/random_tokenizers.py                # tokenizers 0.23.3
    python tools/reference/random_tokenizers.py 7 500 FILE     # another seed, another count, another file: for a search

packages/models-nlp/golden/tokenizers/random.jsonl has a tokenizer a line, with rows of texts. Left out are tokenizers that the library refuses, too, and those
with two added tokens that are looked for as the same text, of which it takes one at random.
"""
import json
import random
import sys
from pathlib import Path

from tokenizers import Tokenizer

FOLDER = Path(__file__).parents[2] / "packages/models-nlp/golden/tokenizers"
SEED, COUNT, OUT = int(sys.argv[1]) if len(sys.argv) > 1 else 1, int(sys.argv[2]) if len(sys.argv) > 2 else 40, sys.argv[3] if len(sys.argv) > 3 else FOLDER / "random.jsonl"
R = random.Random(SEED)
LETTERS = "abcdeABé ßİΣ12½中日ñ가🙂.,!-_'`\t▁Ġ"
SPECIAL = ["[UNK]", "[CLS]", "[SEP]", "<pad>", "<x>"]
BEHAVIORS = ["Removed", "Isolated", "Contiguous", "MergedWithPrevious", "MergedWithNext"]
STRINGS = [" ", "a", "ab", "é"]
REGEXES = ["\\s+", "[ab]+", "\\d", "\\p{L}+", "(?i)A", "^\\s*", "a|b|$", "[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"]


def coin():
    return R.random() < 0.5


def pattern():
    return {"String": R.choice(STRINGS)} if coin() else {"Regex": R.choice(REGEXES)}


def some(part, most, depth):
    return [found for found in (part(depth + 1) for _ in range(R.randint(0, most))) if found]


def normalizer(depth=0):
    kind = R.choice(["BertNormalizer", "NFC", "NFD", "NFKC", "NFKD", "Lowercase", "StripAccents", "Strip", "Replace", "Prepend"] + ["Sequence"] * (depth < 2))
    more = {
        "BertNormalizer": lambda: {"clean_text": coin(), "handle_chinese_chars": coin(), "strip_accents": R.choice([None, True, False]), "lowercase": coin()},
        "Strip": lambda: {"strip_left": coin(), "strip_right": coin()},
        "Replace": lambda: {"pattern": pattern(), "content": R.choice(["", " ", "▁", "xy", "$1", "é"])},
        "Prepend": lambda: {"prepend": R.choice(["▁", "ab", " "])},
        "Sequence": lambda: {"normalizers": some(normalizer, 3, depth)},
    }
    return {"type": kind, **more.get(kind, dict)()}


def metaspace():
    if R.random() < 0.15:
        return {"type": "Metaspace", "replacement": "▁", "add_prefix_space": coin(), "str_rep": "▁"}
    return {"type": "Metaspace", "replacement": R.choice("▁_"), "prepend_scheme": R.choice(["always", "never", "first"]), "split": coin()}


def pre_tokenizer(depth=0):
    kind = R.choice(["BertPreTokenizer", "WhitespaceSplit", "Whitespace", "Punctuation", "Digits", "Split", "Metaspace", "ByteLevel"] + ["Sequence"] * (3 * (depth < 2)))
    if kind == "Metaspace":
        return metaspace()
    more = {
        "Punctuation": lambda: {"behavior": R.choice(BEHAVIORS)},
        "Digits": lambda: {"individual_digits": coin()},
        "Split": lambda: {"pattern": pattern(), "behavior": R.choice(BEHAVIORS), "invert": R.random() < 0.3},
        "ByteLevel": lambda: {"add_prefix_space": coin(), "trim_offsets": coin(), "use_regex": coin()},
        "Sequence": lambda: {"pretokenizers": some(pre_tokenizer, 3, depth)},
    }
    return {"type": kind, **more.get(kind, dict)()}


def post_processor(depth=0):
    kind = R.choice(["TemplateProcessing", "TemplateProcessing", "BertProcessing", "RobertaProcessing", "ByteLevel", None] + ["Sequence"] * (depth == 0))
    if kind == "Sequence":
        one = post_processor(1)
        return {"type": kind, "processors": [{"type": "ByteLevel", "add_prefix_space": coin(), "trim_offsets": coin()}, *([one] if one else [])]}
    special = lambda name, type_id: {"SpecialToken": {"id": name, "type_id": type_id}}
    sequence = lambda name, type_id: {"Sequence": {"id": name, "type_id": type_id}}
    both = [sequence("A", 0), sequence("B", R.randint(0, 2))]
    if R.random() < 0.2:
        both.reverse()
    more = {
        "BertProcessing": lambda: {"sep": ["[SEP]", 2], "cls": ["[CLS]", 1]},
        "RobertaProcessing": lambda: {"sep": ["[SEP]", 2], "cls": ["[CLS]", 1], "trim_offsets": coin(), "add_prefix_space": coin()},
        "ByteLevel": lambda: {"add_prefix_space": coin(), "trim_offsets": coin(), "use_regex": coin()},
        "TemplateProcessing": lambda: {
            "single": [special(R.choice(SPECIAL[1:3]), R.randint(0, 1)) for _ in range(R.randint(0, 2))] + [sequence("A", R.randint(0, 1))] + [special("[SEP]", 0)] * R.randint(0, 2),
            "pair": [special("[CLS]", 0)] * R.randint(0, 1) + [both[0]] + [special("[SEP]", R.randint(0, 1))] * R.randint(0, 2) + [both[1]] + [special("[SEP]", 1)] * R.randint(0, 1),
            "special_tokens": {"[CLS]": {"id": "[CLS]", "ids": R.choice([[1], [1, 4]]), "tokens": ["[CLS]"]}, "[SEP]": {"id": "[SEP]", "ids": [2], "tokens": ["[SEP]"]}},
        },
    }
    return kind and {"type": kind, **more[kind]()}


def decoder(depth=0):
    kind = R.choice(["WordPiece", "ByteLevel", "Metaspace", "BPEDecoder", "Replace", "Fuse", "Strip", "ByteFallback", None] + ["Sequence"] * (3 * (depth == 0)))
    if kind == "Metaspace":
        return metaspace()
    more = {
        "WordPiece": lambda: {"prefix": R.choice(["##", "@@"]), "cleanup": coin()},
        "ByteLevel": lambda: {"add_prefix_space": coin(), "trim_offsets": coin(), "use_regex": coin()},
        "BPEDecoder": lambda: {"suffix": R.choice(["</w>", "a"])},
        "Replace": lambda: {"pattern": R.choice([{"String": "▁"}, {"String": "a"}, {"Regex": "[ab]+"}]), "content": R.choice(["", " ", "zz"])},
        "Strip": lambda: {"content": R.choice(" a▁"), "start": R.randint(0, 2), "stop": R.randint(0, 2)},
        "Sequence": lambda: {"decoders": some(decoder, 4, depth)},
    }
    return kind and {"type": kind, **more.get(kind, dict)()}


def numbered(tokens):
    return {token: i for i, token in enumerate(dict.fromkeys(tokens))}


def model():
    kind = R.choice(["WordPiece", "WordLevel", "BPE", "BPE", "Unigram", "Unigram"])
    tokens = SPECIAL + [letter for letter in LETTERS if R.random() < 0.85] + list("ĊĠÃ©ÂŁčĉ½ä¸Ń")
    tokens += ["".join(R.choice("abcdeéAB12.▁Ġ") for _ in range(R.randint(2, 4))) for _ in range(20)]
    bytes_ = [f"<0x{byte:02X}>" for byte in range(256)] if R.random() < 0.25 else []
    if kind == "WordLevel":
        return {"type": kind, "vocab": numbered(tokens), "unk_token": "[UNK]"}
    if kind == "WordPiece":
        prefix = R.choice(["##", "", "@@"])
        inner = [prefix + token for token in tokens[5:] if coin()]
        return {"type": kind, "unk_token": "[UNK]", "continuing_subword_prefix": prefix, "max_input_chars_per_word": R.choice([100, 4]), "vocab": numbered(tokens + inner)}
    if kind == "Unigram":
        scored = [[token, -R.randint(1, 9) - R.choice([0, round(R.random(), 3)])] for token in dict.fromkeys(tokens + bytes_)]
        return {"type": kind, "unk_id": R.choice([0, 0, 0, 4]), "vocab": scored, "byte_fallback": coin()}
    suffix = R.choice([None, None, "</w>", ""])
    tokens = list(dict.fromkeys(tokens + (bytes_ if not suffix else []) + [token + suffix for token in tokens[5:] if suffix]))
    short = [token for token in tokens if 0 < len(token.removesuffix(suffix or "\0")) <= 2]
    merges = []
    for _ in range(30):
        left, right = R.choice(short), R.choice(short)
        if (suffix and left.endswith(suffix)) or [left, right] in merges or " " in left + right:
            continue
        merges.append([left, right])
        tokens.append(left + right)
        short.append(left + right)
    return {
        "type": kind, "dropout": None, "unk_token": "[UNK]", "continuing_subword_prefix": R.choice([None, ""]), "end_of_word_suffix": suffix, "fuse_unk": coin(),
        "byte_fallback": coin() and not suffix, "ignore_merges": R.random() < 0.3, "vocab": numbered(tokens), "merges": merges if coin() else [" ".join(merge) for merge in merges],
    }  # fmt: skip


def added_tokens(vocab):
    ids = vocab if isinstance(vocab, dict) else {token: i for i, (token, _) in enumerate(vocab)}
    flags = lambda normalized, special: {"lstrip": R.random() < 0.3, "rstrip": R.random() < 0.3, "normalized": R.random() < normalized, "special": R.random() < special}
    found = [{"id": i, "content": token, "single_word": R.random() < 0.1, **flags(0.3, 0.8)} for i, token in enumerate(SPECIAL) if R.random() < 0.7]
    free = len(ids)
    for token in R.sample(["ab", "AB", "é", "<new>", "a b", " x", " ", "cd ", "[MASK]", "ééa", "▁a", "<New>", "éx"], R.randint(0, 4)):
        found.append({"id": ids.get(token, free), "content": token, "single_word": R.random() < 0.3, **flags(0.5, 0.4)})
        free += token not in ids
    return sorted(found, key=lambda token: token["id"])


def text():
    words = ["[CLS]", "<x>", " [UNK] ", "<new>", "<NEW>", "a b", "ab", "AB", " x ", "[MASK]", "don't", "e\u0301", "\u00a0", "\u200b", "\n", "ﬁ", "Å", "don 't , .", "  "]
    drawn = [R.choice(words) if coin() else "".join(R.choice(LETTERS) for _ in range(R.randint(1, 5))) for _ in range(R.randint(0, 9))]
    return R.choice(["", " "]).join(drawn)


def looked_for(tokenizer, added):
    found = [tokenizer.normalizer.normalize_str(token["content"]) if tokenizer.normalizer and token["normalized"] else token["content"] for token in added]
    return found


def row(tokenizer):
    one, other = text(), text()
    single, pair = tokenizer.encode(one), tokenizer.encode(one, other)
    decoded = [tokenizer.decode(single.ids, skip_special_tokens=skips) for skips in (False, True)]
    return {"texts": [one, other], "ids": single.ids, "types": single.type_ids, "pair": pair.ids, "pairTypes": pair.type_ids, "decoded": decoded}


lines = []
while len(lines) < COUNT:
    drawn = model()
    stages = {"normalizer": normalizer() if R.random() < 0.7 else None, "pre_tokenizer": pre_tokenizer() if R.random() < 0.8 else None, "post_processor": post_processor(), "decoder": decoder()}
    file = {"version": "1.0", "truncation": None, "padding": None, "added_tokens": added_tokens(drawn["vocab"]), **stages, "model": drawn}
    try:
        tokenizer = Tokenizer.from_str(json.dumps(file))
        seen = looked_for(tokenizer, file["added_tokens"])
        rows = [row(tokenizer) for _ in range(4)]
    except BaseException as error:  # the library panics at some: not even an Exception
        if isinstance(error, (KeyboardInterrupt, NameError, TypeError)):
            raise
        continue
    if len(set(seen)) == len(seen) and "" not in seen:
        lines.append(json.dumps({"json": file, "rows": rows}, ensure_ascii=False, separators=(",", ":")))
Path(OUT).write_text("\n".join(lines) + "\n")
