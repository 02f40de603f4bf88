"""Writes what Hugging Face's library makes of the files of RoBERTa's, XLM-RoBERTa's, CamemBERT's and MPNet's tokenizers, with a tokenizer.json and without.

    python tools/reference/kin_tokenizers.py   # transformers 5.24, tokenizers 0.23.3, sentencepiece 0.2.1 and protobuf

packages/models-nlp/golden/tokenizers/kin.json gets a row a case: files (a name in place of a SentencePiece file is that of one beside it), and ids and tokens for texts.
"""
import json
import os
import shutil
import tempfile
from pathlib import Path

os.environ["TRANSFORMERS_VERBOSITY"] = "error"
from tokenizers import BertWordPieceTokenizer, ByteLevelBPETokenizer
from transformers import AutoTokenizer

FOLDER = Path(__file__).parents[2] / "packages/models-nlp/golden/tokenizers"
CORPUS = ["Hello world, it's a test of words and more words here.", "Ça va très bien, le café est déjà froid.", "hello there, the tests test naïve words"] * 3
TEXTS = ["Hello world, it's a test.", "  two  words <mask> here ", "Ça va très bien … déjà ½ ﬁ", "今天 hello</s>x", "naïve\tTAB\nnewline", "", " the"]
PAIR = ["the test", "of words"]


def trained(kind, special, **options):
    """The files of a vocabulary trained on a few lines."""
    tokenizer = kind()
    tokenizer.train_from_iterator(CORPUS, special_tokens=special, show_progress=False, **options)
    with tempfile.TemporaryDirectory() as folder:
        tokenizer.save_model(folder)
        return {file.name: file.read_text() for file in Path(folder).iterdir()}


def named(model, files, **config):
    return {"config.json": {"model_type": model}, **files, **({"tokenizer_config.json": config} if config else {})}


bytes_ = trained(ByteLevelBPETokenizer, ["<s>", "<pad>", "</s>", "<unk>", "<mask>"], vocab_size=330)
words = trained(BertWordPieceTokenizer, ["<s>", "<pad>", "</s>", "[UNK]"], vocab_size=90)
words["vocab.txt"] += "<mask>\n"
unigram = {"sentencepiece.bpe.model": "tiny_unigram.model"}
small = {"sentencepiece.bpe.model": "spm-unigram-spaces.model"}
LSTRIP = {"__type": "AddedToken", "content": "<mask>", "lstrip": True, "rstrip": False, "normalized": False, "single_word": False}
CASES = {
    "RoBERTa: vocab.json and merges.txt alone": named("roberta", bytes_),
    "RoBERTa: add_prefix_space": named("roberta", bytes_, add_prefix_space=True, model_max_length=512),
    "RoBERTa: a mask that swallows the space before it": {**named("roberta", bytes_), "special_tokens_map.json": {"mask_token": LSTRIP}},
    "XLM-RoBERTa: the SentencePiece file alone": named("xlm-roberta", unigram),
    "XLM-RoBERTa: of another model, by its class": named("bert", small, tokenizer_class="XLMRobertaTokenizer", mask_token=LSTRIP),
    "CamemBERT: the SentencePiece file alone": named("camembert", unigram),
    "MPNet: vocab.txt alone": named("mpnet", words),
    "MPNet: cased": named("mpnet", words, do_lower_case=False, tokenizer_class="MPNetTokenizer"),
    "DistilBERT: vocab.txt alone": named("distilbert", {"vocab.txt": words["vocab.txt"].replace("<s>", "[CLS]").replace("</s>", "[SEP]").replace("<pad>", "[PAD]").replace("<mask>", "[MASK]")}),
}  # fmt: skip


def changed(name, **changes):
    """The tokenizer.json that the library saves for a case, with other stages than its class builds."""

    def edit(json_):
        return {key: value if key not in changes else changes[key](value) for key, value in json_.items()}

    return name, edit


JSON_CASES = {
    "RoBERTa: tokenizer.json": changed("RoBERTa: vocab.json and merges.txt alone"),
    "RoBERTa: tokenizer.json puts a space first, its config doesn't": changed("RoBERTa: vocab.json and merges.txt alone", pre_tokenizer=lambda p: {**p, "add_prefix_space": True}),
    "XLM-RoBERTa: tokenizer.json": changed("XLM-RoBERTa: of another model, by its class"),
    "XLM-RoBERTa: tokenizer.json lower-cases, its class doesn't": changed("XLM-RoBERTa: of another model, by its class", normalizer=lambda _: {"type": "Lowercase"}),
    "CamemBERT: tokenizer.json": changed("CamemBERT: the SentencePiece file alone"),
    "MPNet: tokenizer.json keeps case, its class doesn't": changed("MPNet: vocab.txt alone", normalizer=lambda n: {**n, "lowercase": False}),
}  # fmt: skip


def read(name, files):
    with tempfile.TemporaryDirectory() as folder:
        for file, content in files.items():
            if file.endswith(".model"):
                shutil.copy(FOLDER / content, Path(folder, file))
            else:
                Path(folder, file).write_text(content if isinstance(content, str) else json.dumps(content))
        tokenizer = AutoTokenizer.from_pretrained(folder)
        rows = []
        for text in TEXTS:
            ids, places = (tokenizer(text, return_offsets_mapping=True)[key] for key in ("input_ids", "offset_mapping"))
            rows.append([text, ids, tokenizer.decode(ids, skip_special_tokens=True), places])
        limit = tokenizer.model_max_length if tokenizer.model_max_length < 1e9 else None
        special = {key: tokenizer.convert_tokens_to_ids(str(token)) for key, token in tokenizer.special_tokens_map.items() if isinstance(token, str)}
        with tempfile.TemporaryDirectory() as saved:
            tokenizer.save_pretrained(saved)
            tokenizer_json = json.loads(Path(saved, "tokenizer.json").read_text())
            config = json.loads(Path(saved, "tokenizer_config.json").read_text())
        return {"name": name, "files": files, "rows": rows, "pair": tokenizer(*PAIR)["input_ids"], "special": special, "maxLength": limit}, tokenizer_json, config


found = {name: read(name, files) for name, files in CASES.items()}
rows = [row for row, _, _ in found.values()]
for name, (base, edit) in JSON_CASES.items():
    row, tokenizer_json, config = found[base]
    kept = {key: config[key] for key in ("tokenizer_class", "add_prefix_space", "mask_token") if key in config}
    files = {"config.json": row["files"]["config.json"], "tokenizer.json": edit(tokenizer_json), "tokenizer_config.json": kept}
    if "CamemBERT" not in name:  # its character map is large
        rows.append(read(name, files)[0])
(FOLDER / "kin.json").write_text(json.dumps(rows, ensure_ascii=False, separators=(",", ":")))

# --- Languages ----------------------------------------------------------------------------------------------------------------------------------------
import sentencepiece
from transformers import M2M100Tokenizer, NllbTokenizer

pieces = sentencepiece.SentencePieceProcessor(model_file=str(FOLDER / "spm-unigram-spaces.model"))
vocab = {token: i for i, token in enumerate(["<s>", "<pad>", "</s>", "<unk>"] + [pieces.id_to_piece(i) for i in range(3, len(pieces))])}
nllb_vocab = {token: i for i, token in enumerate(["<s>", "<pad>", "</s>", "<unk>", "▁", *"abcdefghijklmnopqrstuvwxyz,.", "▁t", "he", "▁the", "st", "é"])}
nllb_merges = [("▁", "t"), ("h", "e"), ("▁t", "he"), ("s", "t")]
NLLB_CODES = ["ace_Arab", "eng_Latn", "fra_Latn", "zho_Hans"]


def nllb(**settings):
    with tempfile.TemporaryDirectory() as folder:
        NllbTokenizer(vocab=nllb_vocab, merges=nllb_merges, extra_special_tokens=NLLB_CODES, **settings).save_pretrained(folder)
        return {name: json.loads(Path(folder, name).read_text()) for name in ("tokenizer.json", "tokenizer_config.json")}


def m2m(**settings):
    return {"vocab.json": vocab, "sentencepiece.bpe.model": "spm-unigram-spaces.model", "config.json": {"model_type": "m2m_100"}, **({"tokenizer_config.json": {"tokenizer_class": "M2M100Tokenizer", **settings}} if settings else {})}


def speak(name, files, languages):
    with tempfile.TemporaryDirectory() as folder:
        for file, content in files.items():
            shutil.copy(FOLDER / content, Path(folder, file)) if file.endswith(".model") else Path(folder, file).write_text(json.dumps(content))
        tokenizer = AutoTokenizer.from_pretrained(folder)
        rows = [[None, text, tokenizer(text)["input_ids"]] for text in TEXTS[:3]]
        for language in languages:
            tokenizer.src_lang = language
            rows += [[language, text, tokenizer(text)["input_ids"]] for text in TEXTS[:2]]
        ids = {language: tokenizer.get_lang_id(language) if hasattr(tokenizer, "get_lang_id") else tokenizer.convert_tokens_to_ids(language) for language in languages}
        decoded = tokenizer.decode(rows[0][2], skip_special_tokens=True)
        return {"name": name, "files": files, "rows": rows, "ids": ids, "decoded": decoded, "pair": tokenizer(*PAIR)["input_ids"]}


spoken = [
    speak("M2M-100", m2m(), ["fr", "zh"]),
    speak("M2M-100, from French", m2m(src_lang="fr"), ["en"]),
    speak("M2M-100 of WMT 21", m2m(language_codes="wmt21"), ["de"]),
    speak("NLLB", nllb(), ["fra_Latn", "ace_Arab"]),
    speak("NLLB, the language behind the text", nllb(legacy_behaviour=True, src_lang="zho_Hans"), ["fra_Latn"]),
]
(FOLDER / "languages.json").write_text(json.dumps(spoken, ensure_ascii=False, separators=(",", ":")))
