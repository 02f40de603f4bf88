"""Writes what Hugging Face's library makes of tokenizer.json files whose stages aren't those of the class that tokenizer_config.json names: most take the
vocabulary from the file, the rest from the class.

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


def other_stages(tokenizer, special, last):
    """Stages that no class has."""
    tokenizer.normalizer = normalizers.NFD()
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(single=f"$A {last}", pair=f"$A $B {last}", special_tokens=[(last, special.index(last))])
    tokenizer.decoder = decoders.Fuse()
    return saved(tokenizer, special)


def numbered(*tokens):
    return {token: i for i, token in enumerate(dict.fromkeys(tokens))}


def word_pieces(special, unknown, last):
    vocab = numbered(*special, *LETTERS, *("##" + letter for letter in LETTERS), "cat", "##s", "photo", "日", "##本")
    return other_stages(Tokenizer(models.WordPiece(vocab, unk_token=unknown)), special, last)


def byte_pairs(special, last):
    signs = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocab = numbered(*special, *signs, *(sign + "</w>" for sign in signs), "ca", "cat", "Ġcat", "at</w>", "cat</w>")
    merges = [("c", "a"), ("ca", "t"), ("Ġ", "cat"), ("a", "t</w>"), ("c", "at</w>")]
    return other_stages(Tokenizer(models.BPE(vocab, merges)), special, last)


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
    bert = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    fairseq = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    albert = ["<pad>", "<unk>", "[CLS]", "[SEP]", "[MASK]"]
    kinds = {
        "gemma": (gemma(), {"GemmaTokenizer": [{}], "Siglip2Tokenizer": [{}]}, {"bos_token": "<bos>", "eos_token": "<eos>", "pad_token": "<pad>", "unk_token": "<unk>"}),
        "t5": (unigram(["<pad>", "</s>", "<unk>"], 2), {"T5Tokenizer": [{}]}, {"eos_token": "</s>", "pad_token": "<pad>", "unk_token": "<unk>"}),
        "words": (word_pieces(bert, "[UNK]", "[SEP]"), {"BertTokenizer": [{}, {"do_lower_case": False, "tokenize_chinese_chars": False}], "DistilBertTokenizer": [{}], "ElectraTokenizer": [{}], "LxmertTokenizer": [{}], "DPRQuestionEncoderTokenizer": [{}], "DPRReaderTokenizer": [{"do_lower_case": False}], "ConvBertTokenizer": [{}], "RetriBertTokenizer": [{}]}, {}),
        "mpnet": (word_pieces(["<s>", "<pad>", "</s>", "[UNK]", "<mask>"], "[UNK]", "</s>"), {"MPNetTokenizer": [{}]}, {}),
        "pairs": (byte_pairs(bert, "[SEP]"), {"BertTokenizer": [{}]}, {}),
        "roberta": (byte_pairs(fairseq, "</s>"), {"RobertaTokenizer": [{}, {"add_prefix_space": True}], "BartTokenizer": [{}], "LongformerTokenizer": [{}], "LEDTokenizer": [{}]}, {}),
        "roberta-words": (word_pieces(fairseq, "<unk>", "</s>"), {"RobertaTokenizer": [{}]}, {}),
        "gpt2": (byte_pairs(["<|endoftext|>"], "<|endoftext|>"), {"GPT2Tokenizer": [{}]}, {}),
        "clip": (byte_pairs(["<|startoftext|>", "<|endoftext|>"], "<|endoftext|>"), {"CLIPTokenizer": [{}]}, {}),
        "fairseq": (unigram(fairseq, 3), {"XLMRobertaTokenizer": [{}, {"add_prefix_space": False}], "CamembertTokenizer": [{}]}, {}),
        "albert": (unigram(albert, 1), {"AlbertTokenizer": [{}, {"do_lower_case": False, "keep_accents": True}], "FNetTokenizer": [{}], "BertTokenizer": [{"unk_token": "<unk>", "pad_token": "<pad>"}]}, {}),
    }  # fmt: skip
    rows = []
    for kind, (file, classes, tokens) in kinds.items():
        (OUT / f"{kind}.json").write_text(json.dumps(file, ensure_ascii=False) + "\n")
        for name, configs in classes.items():
            for config in configs:
                rows.append(row(kind, file, {"tokenizer_class": name, **tokens, **config}))
    (OUT / "expected.json").write_text("[\n" + ",\n".join(json.dumps(line, ensure_ascii=False) for line in rows) + "\n]\n")


def row(kind, file, said):
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "tokenizer.json").write_text(json.dumps(file))
        (Path(folder) / "tokenizer_config.json").write_text(json.dumps(said))
        tokenizer = AutoTokenizer.from_pretrained(folder, **({"extra_ids": 0} if kind == "t5" else {}))
    ids = [tokenizer(text)["input_ids"] for text in TEXTS]
    built = json.loads(tokenizer.backend_tokenizer.to_str())["normalizer"] != file["normalizer"]
    return {"file": f"{kind}.json", "config": said, "texts": TEXTS, "ids": ids, "pair": tokenizer("cat", "a b")["input_ids"], "decoded": tokenizer.decode(ids[0]), "built": built}


if __name__ == "__main__":
    main()
