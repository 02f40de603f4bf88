"""Trains tokenizers of every layout that the hub has, draws texts from all of Unicode, and compares `x tokenize` with what Hugging Face's library makes of them.

    python tools/reference/random_texts.py [texts of each] [seed]    # transformers 5.24, tokenizers 0.23.3, sentencepiece 0.2.1 and protobuf

Prints how many have the same ids, and how many the same offsets, too, with an example of what differs; fails if ids do. Nothing is committed. Offsets differ where
the library's are off by one: behind a character that a SentencePiece model drops.
"""
import json
import os
import random
import subprocess
import sys
import tempfile
from io import BytesIO
from pathlib import Path

os.environ["TRANSFORMERS_VERBOSITY"] = "error"
import sentencepiece
from tokenizers import BertWordPieceTokenizer, ByteLevelBPETokenizer, CharBPETokenizer
from transformers import AutoTokenizer

ROOT = Path(__file__).parents[2]
COUNT, SEED = int([*sys.argv, 300][1]), int([*sys.argv, 300, 0][2])
CORPUS = [line for line in (ROOT / "ARCHITECTURE.md").read_text().splitlines() if line] + [
    "Ça va très bien, le café est déjà froid. Ώρα καλή! Привет, как дела? Ёжик и йод.", "今天天气很好。吾輩は猫である。안녕하세요 세계", "مرحبا بالعالم שלום עולם नमस्ते दुनिया สวัสดี",
    "it's we'll I'm you've 3,141.59 ½ ﬁ ① Ⅷ … “quotes” — dash", "İstanbul ẞ straße ǅ 🎉 👩‍👩‍👧 🇩🇪 naïve e\u0301",
] * 4  # fmt: skip


# --- Texts --------------------------------------------------------------------------------------------------------------------------------------------
WORDS = "the whale isn't OLD, it's we'LL naïve Straße İstanbul ẞ ŒUVRE e\u0301 \u1100\u1161\u11a8 한국어 今天 吾輩は ｶﾞ ＡＢＣ ﬁ ½ ① Привет Ёж שלום مرحبا नमस्ते สวัสดี 👩‍👩‍👧 🇩🇪 ☃\ufe0f 3,141.59 don't... a_b http://x.y/?q=1 ΌΣΟΣ ǅ".split()
SPACES = [" ", "  ", "\t", "\n", "\r\n", "\u00a0", "\u3000", "\u2028", "\u200b", "\u200d", "\ufeff", "\u0085", "\u00ad", "\u1680", "\v"]
RANGES = [(0x20, 0x7F), (0xA0, 0x250), (0x300, 0x370), (0x370, 0x600), (0x600, 0x780), (0x900, 0xE80), (0x1100, 0x1200), (0x1E00, 0x2000), (0x2000, 0x2070), (0x2070, 0x2C00), (0x3000, 0x3400), (0x4E00, 0x5000), (0xAC00, 0xAD00), (0xF900, 0xFB00), (0xFB00, 0xFE00), (0xFE00, 0xFFFE), (0x1, 0xA0), (0xE000, 0xE100), (0x10000, 0x10400), (0x1D400, 0x1D800), (0x1F300, 0x1FA00), (0x20000, 0x20100), (0xE0000, 0xE0200)]  # fmt: skip


def drawn(special, rng):
    """Words, spaces, special tokens and characters from a few ranges, in any order."""
    ranges = rng.sample(RANGES, 2)
    kinds = [lambda: rng.choice(WORDS), lambda: rng.choice(SPACES), lambda: " ", lambda: "".join(chr(rng.randrange(*rng.choice(ranges))) for _ in range(rng.randint(1, 6)))]
    if rng.random() < 0.3:
        kinds.append(lambda: rng.choice(special))
    return "".join(rng.choice(kinds)() for _ in range(rng.randint(1, 14)))


# --- Layouts ------------------------------------------------------------------------------------------------------------------------------------------
def trained(tokenizer, special, size, **options):
    """The files of a vocabulary."""
    tokenizer.train_from_iterator(CORPUS, vocab_size=size, special_tokens=special, show_progress=False, **options)
    with tempfile.TemporaryDirectory() as folder:
        tokenizer.save_model(folder)
        return {file.name: file.read_bytes() for file in Path(folder).iterdir()}


def pieces(kind, size=700, **options):
    """A SentencePiece model."""
    model = BytesIO()
    sentencepiece.SentencePieceTrainer.train(sentence_iterator=iter(CORPUS), model_writer=model, model_type=kind, vocab_size=size, hard_vocab_limit=False, minloglevel=2, **options)
    return model.getvalue()


ROBERTA, BERT = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"], ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
words = trained(BertWordPieceTokenizer(lowercase=True), BERT, 500)
cased = trained(BertWordPieceTokenizer(lowercase=False, strip_accents=False), BERT, 500)
mpnet = trained(BertWordPieceTokenizer(lowercase=True, unk_token="[UNK]"), ["<s>", "<pad>", "</s>", "[UNK]"], 500)
mpnet["vocab.txt"] += b"<mask>\n"
bytes_ = trained(ByteLevelBPETokenizer(), ROBERTA, 600)
clip = trained(CharBPETokenizer(), [], 400)
unigram, raw = pieces("unigram"), pieces("unigram", normalization_rule_name="identity", remove_extra_whitespaces=False)
albert = pieces("unigram", pad_id=0, unk_id=1, bos_id=-1, eos_id=-1, control_symbols=["[CLS]", "[SEP]", "[MASK]"])
t5 = pieces("unigram", pad_id=0, eos_id=1, unk_id=2, bos_id=-1)


def named(model, files, **config):
    tokenizer_config = {"tokenizer_config.json": json.dumps(config).encode()} if config else {}
    return {"config.json": json.dumps({"model_type": model}).encode(), **files, **tokenizer_config}


def special_map(**tokens):
    return {"special_tokens_map.json": json.dumps(tokens).encode()}


def token(content, **flags):
    return {"content": content, "lstrip": False, "rstrip": False, "normalized": False, "single_word": False, **flags}


def added(*names):
    """added_tokens.json as older libraries wrote it, behind a vocabulary of unknown length: the library gives the next ids."""
    return {"added_tokens.json": json.dumps({name: 10**6 + i for i, name in enumerate(names)}).encode()}


CASES = {
    "BERT, vocab.txt": named("bert", words),
    "BERT, cased": named("bert", cased, do_lower_case=False),
    "BERT, lower case with accents": named("bert", words, do_lower_case=True, strip_accents=False, tokenize_chinese_chars=False),
    "BERT, added tokens": named("bert", {**words, **added("<new>", "whale")}),
    "BERT, mask that swallows spaces": named("bert", {**words, **special_map(mask_token=token("[MASK]", lstrip=True, rstrip=True))}),
    "DistilBERT": named("distilbert", words),
    "ELECTRA": named("electra", words),
    "MPNet": named("mpnet", mpnet),
    "RoBERTa": named("roberta", bytes_),
    "RoBERTa, prefix space": named("roberta", bytes_, add_prefix_space=True),
    "RoBERTa, mask with its spaces": named("roberta", {**bytes_, **special_map(mask_token=token("<mask>", lstrip=True))}),
    "RoBERTa, added tokens": named("roberta", {**bytes_, **added("<new>", " whale")}),
    "XLM-RoBERTa, SentencePiece alone": named("xlm-roberta", {"sentencepiece.bpe.model": unigram}),
    "XLM-RoBERTa, texts as they are": named("xlm-roberta", {"sentencepiece.bpe.model": raw}),
    "XLM-RoBERTa, added tokens": named("xlm-roberta", {"sentencepiece.bpe.model": unigram, **added("<new>", "whale")}),
    "CamemBERT": named("camembert", {"sentencepiece.bpe.model": unigram}),
    "FNet, ALBERT's": named("fnet", {"spiece.model": albert}, tokenizer_class="AlbertTokenizer"),
    "T5's, as SigLIP has it": named("t5", {"spiece.model": t5}, tokenizer_class="T5Tokenizer", extra_ids=0),
}  # fmt: skip
# FNet's spiece.model is read as its own Python class read it, which the library has no more; T5's is refused by name.
ONLY_JSON = ["FNet, ALBERT's", "T5's, as SigLIP has it"]


def x(folder, texts):
    node = ROOT / "node_modules/.bin/node"
    command = [node if node.exists() else "node", "--conditions=@x/source", "--disable-warning=ExperimentalWarning", ROOT / "packages/cli/src/main.ts"]
    done = subprocess.run([*command, "tokenize", "--model", folder, "--json", "--", *texts], cwd=ROOT, capture_output=True)
    if done.stderr:
        print("   ", done.stderr.decode()[:500])
    return {row["text"]: row for row in map(json.loads, done.stdout.splitlines())}


def units(text):
    """Where each code point begins in UTF-16."""
    at = [0]
    for character in text:
        at.append(at[-1] + 1 + (character > "\uffff"))
    return at


def compared(folder, texts):
    """Of each text that differs: in what, and both."""
    tokenizer = AutoTokenizer.from_pretrained(folder)
    ours = x(folder, texts)
    for text in texts:
        theirs = tokenizer(text, return_offsets_mapping=True)
        at = units(text)
        places = [[at[begin], at[end]] for begin, end in theirs["offset_mapping"]]
        found = ours.get(text, {"ids": None, "tokens": None})
        if found["ids"] != theirs["input_ids"]:
            yield "ids", text, tokenizer.convert_ids_to_tokens(theirs["input_ids"]), found["tokens"]
        elif found["offsets"] != places:
            yield "offsets", text, [*zip(found["tokens"], places)], found["offsets"]


def main():
    failed = False
    for name, files in CASES.items():
        with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as saved:
            for file, content in files.items():
                Path(folder, file).write_bytes(content)
            tokenizer = AutoTokenizer.from_pretrained(folder)
            rng = random.Random(f"{name} {SEED}")
            special = [*tokenizer.all_special_tokens, *tokenizer.get_added_vocab()]
            texts = list({drawn(special, rng): 0 for _ in range(COUNT)})
            tokenizer.save_pretrained(saved)
            Path(saved, "config.json").write_bytes(files["config.json"])
            for layout, place in {"": folder, ", tokenizer.json": saved}.items():
                if layout == "" and name in ONLY_JSON:
                    continue
                differ = list(compared(place, texts))
                wrong = [row for row in differ if row[0] == "ids"]
                failed |= bool(wrong)
                print(f"{name + layout:60}{len(texts) - len(wrong):4} of {len(texts)}{len(texts) - len(differ):8}", flush=True)
                for kind, text, theirs, ours in (wrong or differ)[:1]:
                    print(f"    {kind} of {text!r}\n      {theirs}\n      {ours}")
    sys.exit(failed)


if __name__ == "__main__":
    main()
