"""Writes what Hugging Face's library makes of tokenizer.json files whose stages aren't those of the class that tokenizer_config.json names: it takes the vocabulary and
the post-processor from the file, the rest from the class.

    python tools/reference/tokenizer_classes.py

packages/models-nlp/golden/tokenizer-classes: a tokenizer.json a kind of model, and expected.json.
"""
import json
import tempfile
from pathlib import Path

from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from transformers import AutoTokenizer

OUT = Path(__file__).parents[2] / "packages/models-nlp/golden/tokenizer-classes"
TEXTS = ["A cat, photo!", "Zß cats", "  a  b ", "<eos> cat</s>", "``Éa''", "\tthe\nCat", "日本 cat", ""]
LETTERS = "abcdefghijklmnopqrstuvwxyzABCTZ.,!<>/s`'\"é"


def saved(tokenizer, special):
    tokenizer.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in special])
    return json.loads(tokenizer.to_str())


def gemma():
    special = ["<pad>", "<eos>", "<bos>", "<unk>", "<mask>"]
    tokens = list(dict.fromkeys([*special, *(f"<0x{byte:02X}>" for byte in range(256)), *("▁" + LETTERS), "▁c", "ca", "cat", "▁cat", "ph", "pho"]))
    merges = [("▁", "c"), ("c", "a"), ("ca", "t"), ("▁", "cat"), ("p", "h"), ("ph", "o")]
    tokenizer = Tokenizer(models.BPE(vocab={token: i for i, token in enumerate(tokens)}, merges=merges, unk_token="<unk>"))
    tokenizer.normalizer = normalizers.NFD()
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(single="$A:0 <eos>:0", pair="$A:0 <eos>:0 $B:1 <eos>:1", special_tokens=[("<eos>", 1)])
    return saved(tokenizer, special)


def unigram(special, unk_id):
    tokens = list(dict.fromkeys([*special, *("▁" + LETTERS), "▁cat", "cat", "▁a", "photo"]))
    tokenizer = Tokenizer(models.Unigram([(token, -float(i % 7) - 1) for i, token in enumerate(tokens)], unk_id=unk_id))
    tokenizer.normalizer = normalizers.NFD()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="never")
    last = special[1]
    tokenizer.post_processor = processors.TemplateProcessing(single=f"{last} $A", pair=f"{last} $A $B", special_tokens=[(last, 1)])
    return saved(tokenizer, special)


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    kinds = {
        "gemma": (gemma(), ["GemmaTokenizer", "Siglip2Tokenizer"], {"bos_token": "<bos>", "eos_token": "<eos>", "pad_token": "<pad>", "unk_token": "<unk>"}),
        "t5": (unigram(["<pad>", "</s>", "<unk>"], 2), ["T5Tokenizer"], {"eos_token": "</s>", "pad_token": "<pad>", "unk_token": "<unk>"}),
    }  # fmt: skip
    rows = []
    for kind, (file, classes, tokens) in kinds.items():
        (OUT / f"{kind}.json").write_text(json.dumps(file, ensure_ascii=False) + "\n")
        for name in classes:
            said = {"tokenizer_class": name, **tokens}
            with tempfile.TemporaryDirectory() as folder:
                (Path(folder) / "tokenizer.json").write_text(json.dumps(file))
                (Path(folder) / "tokenizer_config.json").write_text(json.dumps(said))
                tokenizer = AutoTokenizer.from_pretrained(folder, **({"extra_ids": 0} if kind == "t5" else {}))
            ids = [tokenizer(text)["input_ids"] for text in TEXTS]
            rows.append({"file": f"{kind}.json", "config": said, "texts": TEXTS, "ids": ids, "pair": tokenizer("cat", "a b")["input_ids"], "decoded": tokenizer.decode(ids[0])})
    (OUT / "expected.json").write_text(json.dumps(rows, ensure_ascii=False, indent=1) + "\n")


if __name__ == "__main__":
    main()
