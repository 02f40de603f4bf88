"""Writes what Hugging Face's library makes of tokenizer files that say much, little, or contradict each other; and what Oniguruma and ftfy make of texts.

    python tools/reference/tokenizer_files.py   # transformers 5.24, tokenizers 0.23.3, ftfy 6.3.1

packages/models-nlp/golden/tokenizers/ gets `files.json` (a row a case: files, and ids for each text), `patterns.json` and `repaired.json`.
"""
import json
import os
import tempfile
from pathlib import Path

os.environ["TRANSFORMERS_VERBOSITY"] = "error"
import ftfy
from tokenizers import Regex, pre_tokenizers
from transformers import AutoTokenizer

FOLDER = Path(__file__).parents[2] / "packages/models-nlp/golden/tokenizers"

WORDS = "[PAD] [UNK] [CLS] [SEP] [MASK] the hello Hello é e ##e cafe café 中 文 中文 a ##b ##1 [ ] ##c tok".split()
VOCABULARY = "\n".join(WORDS) + "\n"
SPECIAL = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
ADDED = [{"id": i, "content": WORDS[i], **SPECIAL} for i in range(5)]
DECODER = {str(i): {"content": WORDS[i], **SPECIAL} for i in range(5)}
MODEL = {"model_type": "bert"}
LOWER = {"type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True, "strip_accents": None, "lowercase": True}
TEXTS = ["Hello hello café 中文 [E1] x", "[MASK] the [X]hello [Y] tok"]


def tokenizer_json(**changes):
    """A whole tokenizer.json of BERT's kind."""
    around = [{"SpecialToken": {"id": "[CLS]", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "[SEP]", "type_id": 0}}]
    pair = around + [{"Sequence": {"id": "B", "type_id": 1}}, {"SpecialToken": {"id": "[SEP]", "type_id": 1}}]
    special = {token: {"id": token, "ids": [WORDS.index(token)], "tokens": [token]} for token in ("[CLS]", "[SEP]")}
    model = {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##", "max_input_chars_per_word": 100}
    return {
        "version": "1.0", "truncation": None, "padding": None, "added_tokens": ADDED, "normalizer": LOWER, "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": {"type": "TemplateProcessing", "single": around, "pair": pair, "special_tokens": special},
        "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": True}, "model": {**model, "vocab": {word: i for i, word in enumerate(WORDS)}}, **changes,
    }  # fmt: skip


def config(**settings):
    return {"config.json": MODEL, "vocab.txt": VOCABULARY, "tokenizer_config.json": settings}


def both(json_changes, **settings):
    return {"config.json": MODEL, "tokenizer.json": tokenizer_json(**json_changes), "tokenizer_config.json": settings}


E1 = {"id": 23, "content": "[E1]", **SPECIAL}
FAST = {"tokenizer_class": "PreTrainedTokenizerFast"}
JAPANESE = "[PAD] [UNK] [CLS] [SEP] [MASK] 東 京 タ ワ 高 A a ab ##c 株 X".split()


def japanese(**settings):
    return {"config.json": MODEL, "vocab.txt": "\n".join(JAPANESE) + "\n", "tokenizer_config.json": {"tokenizer_class": "BertJapaneseTokenizer", **settings}}


CASES = {
    "tokenizer.json lower-cases, nothing else is said": {"config.json": MODEL, "tokenizer.json": tokenizer_json()},
    "tokenizer.json keeps case, BERT's class lower-cases (huggingface/transformers#1542)": both({"normalizer": {**LOWER, "lowercase": False}}, tokenizer_class="BertTokenizer"),
    "tokenizer.json keeps case, by config.json's model_type": {"config.json": MODEL, "tokenizer.json": tokenizer_json(normalizer={**LOWER, "lowercase": False})},
    "tokenizer.json lower-cases, do_lower_case is false": both({}, tokenizer_class="BertTokenizer", do_lower_case=False),
    "the same of another model's class": {"config.json": {"model_type": "distilbert"}, "tokenizer.json": tokenizer_json(), "tokenizer_config.json": {"tokenizer_class": "DistilBertTokenizerFast", "do_lower_case": False}},
    "the same of no class and no model": {"tokenizer.json": tokenizer_json(), "tokenizer_config.json": {"do_lower_case": False}},
    "the same of PreTrainedTokenizerFast": both({}, **FAST, do_lower_case=False),
    "a token that only tokenizer.json adds": both({"added_tokens": [*ADDED, E1]}, tokenizer_class="BertTokenizer"),
    "the same beside added_tokens_decoder": both({"added_tokens": [*ADDED, E1]}, tokenizer_class="BertTokenizer", added_tokens_decoder=DECODER),
    "the same of PreTrainedTokenizerFast beside added_tokens_decoder": both({"added_tokens": [*ADDED, E1]}, **FAST, added_tokens_decoder=DECODER),
    "additional_special_tokens beside tokenizer.json (huggingface/tokenizers#555)": both({}, **FAST, additional_special_tokens=["[X]", "hello"]),
    "added_tokens.json beside tokenizer.json": {**both({}, **FAST), "added_tokens.json": {"hello": 6, "[X]": 40}},
    "padding and truncation of tokenizer.json say sides": both({"padding": {"strategy": "BatchLongest", "direction": "Left", "pad_to_multiple_of": None, "pad_id": 0, "pad_type_id": 0, "pad_token": "[PAD]"}, "truncation": {"direction": "Left", "max_length": 5, "strategy": "LongestFirst", "stride": 0}}, **FAST),
    "added_tokens_decoder with a gap": config(added_tokens_decoder={**DECODER, "40": {"content": "[X]", **SPECIAL}}),
    "added_tokens.json with gaps (georg-jung/FastBertTokenizer#100)": {**config(), "added_tokens.json": {"[X]": 40, "[Y]": 30}},
    "additional_special_tokens and extra_special_tokens": config(extra_special_tokens=["[X]"], additional_special_tokens=["[Y]"]),
    "extra_special_tokens by name": config(extra_special_tokens={"x_token": "[X]"}, y_token="[Y]"),
    "special_tokens_map.json has the last word": {**config(mask_token="a"), "special_tokens_map.json": {"mask_token": "tok"}},
    "but not beside added_tokens_decoder": {**config(mask_token="a", added_tokens_decoder=DECODER), "special_tokens_map.json": {"mask_token": "tok"}},
    "flags of added tokens": config(added_tokens_decoder={**DECODER, "23": {**SPECIAL, "content": "tok", "single_word": True, "rstrip": True, "normalized": True, "special": False}, "24": {**SPECIAL, "content": "HEL", "normalized": True, "special": False}}),
    "[MASK] with lstrip": config(mask_token={"__type": "AddedToken", "content": "[MASK]", "lstrip": True, "rstrip": False, "normalized": False, "single_word": False}),
    "max_len (huggingface/transformers#15177)": config(max_len=9),
    "max_len and model_max_length": config(max_len=9, model_max_length=7),
    "split_special_tokens": config(split_special_tokens=True),
    "strip_accents and tokenize_chinese_chars": config(strip_accents=False, tokenize_chinese_chars=False),
    "never_split and do_basic_tokenize, which the library passes over": config(never_split=["Hello"], do_basic_tokenize=False),
    "sides": config(padding_side="left", truncation_side="left"),
    "ElectraTokenizerFast": {**config(tokenizer_class="ElectraTokenizerFast", do_lower_case=False), "config.json": {"model_type": "electra"}},
    "lines that end in spaces, and a word twice": {"config.json": MODEL, "vocab.txt": VOCABULARY.replace("hello\n", "hello \n") + "\n\nx\nthe\n"},
    "Japanese, WordPiece (huggingface/transformers#12381)": japanese(),
    "Japanese, characters": japanese(subword_tokenizer_type="character"),
    "Japanese, characters in lower case": japanese(subword_tokenizer_type="character", do_lower_case=True),
    "Japanese, lower case": japanese(do_lower_case=True),
    "Japanese, whole words": japanese(do_subword_tokenize=False),
    "Japanese, by config.json": {"config.json": {**MODEL, "tokenizer_class": "BertJapaneseTokenizer"}, "vocab.txt": "\n".join(JAPANESE) + "\n"},
}  # fmt: skip


def read(name, files):
    texts = ["東京ﾀワー Abc ㍿ Ab,a[MASK]"] if name.startswith("Japanese") else TEXTS
    with tempfile.TemporaryDirectory() as folder:
        for file, content in files.items():
            Path(folder, file).write_text(content if isinstance(content, str) else json.dumps(content))
        tokenizer = AutoTokenizer.from_pretrained(folder)
        limit = tokenizer.model_max_length if tokenizer.model_max_length < 1e9 else None
        cut = tokenizer(texts[0], truncation=True, max_length=5)["input_ids"]
        rows = [[text, tokenizer(text)["input_ids"]] for text in texts]
        return {"name": name, "files": files, "rows": rows, "cut": cut, "maxLength": limit, "paddingSide": tokenizer.padding_side}


def write(name, value):
    (FOLDER / name).write_text(json.dumps(value, ensure_ascii=False, separators=(",", ":")))


write("files.json", [read(name, files) for name, files in CASES.items()])

# --- Oniguruma --------------------------------------------------------------------------------------------------------------------------------------
PATTERNS = [
    r"(a|aa)+$", r"\s+", r"^a", r"b$", r".", r"\w+|[^\w\s]+", r"(?i:'s|'t)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+",
    r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+", r"a*?b", r"(?:ab|a)(?:c|bcd)?", r"\b\w", r"[^\S\n]+", r"(?<=a)b", r"(?<!a)b",
    r"x{2,3}", r"x{2}", r"x{,2}y", r"[a\-z]+", r"a|", r"(a*)*b", r"\d{3}", r"(?=\p{Lu})", r"\p{Lu}\p{Ll}+", r"\P{L}+", r"[\p{L}\p{M}]+", r"\x41", r"\u00e9", r"é",
    r"😀+", r"[^a]", r"(?i)B", r"\A\w", r"\w\z", r"\h+", r"\.", r"-", r"/", r"[.,!?]", r"a++b", r"\p{Han}|\p{Hiragana}+",
]  # fmt: skip
SPLIT = ["", "aaaa", "ab abcd aab b", "It's 12345 DON'T  x\n\n y  ", "xx xxx xxxxx xy", "Ünï é 😀😀a 中文 ひら A.b-c/d,e!?", "a\nb\na b", "a-z]a", "ﬁ Ab1\r\n  \t end"]


def words(pattern, text):
    at = [0]
    for character in text:
        at.append(at[-1] + (2 if ord(character) > 0xFFFF else 1))
    return [[at[begin], at[end]] for _, (begin, end) in pre_tokenizers.Split(Regex(pattern), "isolated").pre_tokenize_str(text)]


write("patterns.json", {"texts": SPLIT, "rows": [{"pattern": pattern, "words": [words(pattern, text) for text in SPLIT]} for pattern in PATTERNS]})

# --- ftfy -------------------------------------------------------------------------------------------------------------------------------------------
WRONG = [
    "don’t “cat” ﬁne Ｆｕｌｌ cafe\u0301", "donâ€™t", "cafÃ© au lait", "naïve Ångström Ĳssel ŉ Ǆ ﬅ ﬆ", "l’humanitÃ©", "a\x00b\x07c\x0bd\ufeffe", "ﾃｽﾄ　１２", "10 Â° C",
    "â€œquotesâ€\x9d", "âœ” done", "ðŸ˜€", "£5 â‚¬7", "São Paulo, Müller, Ã", "À propos", "Â© 2020", "‚low‛ „low”", "plain text", "日本語 Привет", "Ã¼ber",
    "Ñandú ¿qué?", "1½ ±2 ×3",
]  # fmt: skip
write("repaired.json", [[text, ftfy.fix_text(text)] for text in WRONG])

# --- the keys that the reference's own sources know -----------------------------------------------------------------------------------------------------
import inspect  # noqa: E402
import re  # noqa: E402

from sentence_transformers.base.modules import Dense, Normalize, Transformer  # noqa: E402
from sentence_transformers.sentence_transformer.modules import Pooling  # noqa: E402
from sentence_transformers.sentence_transformer.modules import pooling as pooling_module  # noqa: E402
from tokenizers import decoders, models, normalizers, processors  # noqa: E402
from transformers import AlbertTokenizer, BertJapaneseTokenizer, BertTokenizer, CLIPTokenizer, GenerationConfig, MarianTokenizer  # noqa: E402
from transformers.tokenization_utils_base import PreTrainedTokenizerBase  # noqa: E402


def popped(function):
    """Keys that a function takes out of its keyword arguments."""
    return re.findall(r'kwargs\.(?:pop|get|setdefault)\("(\w+)"', inspect.getsource(function))


def arguments(*classes):
    found = [name for one in classes for name in inspect.signature(one.__init__).parameters]
    return [name for name in found if name not in ("self", "kwargs", "args", "vocab", "merges", "vocab_file") and not name.startswith("_")]


def fields(*parts):
    """Of each part of tokenizer.json its keys, under the name of its table."""
    return {title: list(json.loads(part.__getstate__())) for title, part in parts}


file = "tokenizer.json: "
write("known-keys.json", {
    "generation": popped(GenerationConfig.__init__),
    "tokenizer": popped(PreTrainedTokenizerBase.__init__) + arguments(BertTokenizer, CLIPTokenizer, AlbertTokenizer, BertJapaneseTokenizer, MarianTokenizer),
    "pooling": list(Pooling.config_keys) + list(Pooling.config_key_renames) + list(pooling_module._LEGACY_POOLING_MODE_KWARGS),
    "dense": list(Dense.config_keys),
    "normalize": list(Normalize.config_keys),
    "transformer": list(Transformer.config_keys) + ["max_seq_length", "do_lower_case", "tokenizer_name_or_path", "model_args", "tokenizer_args", "config_args", "model_kwargs", "processor_kwargs", "config_kwargs"],
    "settings": ["__version__", "default_prompt_name", "model_type", "prompts", "similarity_fn_name", "truncate_dim", "requirements"],
    **fields(
        (file + "BPE", models.BPE()), (file + "WordPiece", models.WordPiece({"[UNK]": 0}, unk_token="[UNK]")), (file + "Unigram", models.Unigram([("a", 0.0)], 0, False)),
        (file + "WordLevel", models.WordLevel({"a": 0}, unk_token="a")), (file + "BertNormalizer", normalizers.BertNormalizer()), (file + "Strip", normalizers.Strip()),
        (file + "Replace", normalizers.Replace("a", "b")), (file + "Prepend", normalizers.Prepend("a")), (file + "ByteLevel, a pre-tokenizer", pre_tokenizers.ByteLevel()),
        (file + "Digits", pre_tokenizers.Digits()), (file + "Metaspace", pre_tokenizers.Metaspace()), (file + "Punctuation", pre_tokenizers.Punctuation()),
        (file + "Split", pre_tokenizers.Split("a", "isolated")), (file + "BertProcessing", processors.BertProcessing(("a", 1), ("b", 2))),
        (file + "RobertaProcessing", processors.RobertaProcessing(("a", 1), ("b", 2))), (file + "ByteLevel, a post-processor", processors.ByteLevel()),
        (file + "TemplateProcessing", processors.TemplateProcessing("$A", "$A $B", [])), (file + "BPEDecoder", decoders.BPEDecoder()),
        (file + "ByteLevel, a decoder", decoders.ByteLevel()), (file + "Metaspace, a decoder", decoders.Metaspace()), (file + "Replace, a decoder", decoders.Replace("a", "b")),
        (file + "Strip, a decoder", decoders.Strip("a", 1, 1)), (file + "WordPiece, a decoder", decoders.WordPiece()),
    ),
})  # fmt: skip
