"""Writes a tiny reranker and tiny sentence encoders on BERT's kin as sentence-transformers saves them, with what it makes of texts.

    python tools/reference/sentence_kin.py   # sentence-transformers 6.2, transformers 5.24, sentencepiece 0.2.1 and protobuf

packages/models-nlp/golden/rerank/: an XLM-RoBERTa of one output with its tokenizer, and golden.json with logits, sigmoids and a ranking.
packages/models-nlp/golden/sentence_<kind>/: an encoder with its tokenizer and modules, and golden.json with texts and their vectors.
"""
import json
import os
import shutil
import tempfile
from pathlib import Path

os.environ["TRANSFORMERS_VERBOSITY"] = "error"
import torch
from sentence_transformers import CrossEncoder, SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer
from transformers import (
    AutoTokenizer, DistilBertConfig, DistilBertModel, MPNetConfig, MPNetModel, XLMRobertaConfig, XLMRobertaForSequenceClassification, XLMRobertaModel,
)
from vision import randomize

GOLDEN = Path(__file__).parents[2] / "packages/models-nlp/golden"
OUT = GOLDEN / "rerank"
QUERY = "How large is a whale?"
PASSAGES = ["Stocks rallied.", "A blue whale is up to thirty metres long.", "", "The whale " + "is a very large animal " * 12, "how LARGE is a whale"]

with tempfile.TemporaryDirectory() as folder:
    shutil.copy(GOLDEN / "tokenizers/spm-unigram-spaces.model", Path(folder, "sentencepiece.bpe.model"))
    Path(folder, "config.json").write_text(json.dumps({"model_type": "xlm-roberta"}))
    tokenizer = AutoTokenizer.from_pretrained(folder, model_max_length=30)
    config = XLMRobertaConfig(vocab_size=len(tokenizer), hidden_size=12, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16,
                              max_position_embeddings=34, type_vocab_size=1, num_labels=1, layer_norm_eps=1e-5)  # fmt: skip
    model = XLMRobertaForSequenceClassification(config)
    randomize(model, 3)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    scorer = CrossEncoder(folder, activation_fn=torch.nn.Identity())
    OUT.mkdir(exist_ok=True)
    scorer.save_pretrained(str(OUT), create_model_card=False)
pairs = [[QUERY, passage] for passage in PASSAGES]
golden = {
    "query": QUERY,
    "passages": PASSAGES,
    "logits": scorer.predict(pairs).tolist(),
    "sigmoids": scorer.predict(pairs, activation_fn=torch.nn.Sigmoid()).tolist(),
    "ranking": [[row["corpus_id"], float(row["score"])] for row in scorer.rank(QUERY, PASSAGES, top_k=3)],
}
(OUT / "golden.json").write_text(json.dumps(golden, indent=1) + "\n")

SMALL = dict(hidden_size=12, num_hidden_layers=2, num_attention_heads=2, intermediate_size=16, max_position_embeddings=34)
DISTIL = dict(dim=12, n_layers=2, n_heads=2, hidden_dim=16, max_position_embeddings=34)
ENCODERS = {
    "mpnet": (MPNetModel, MPNetConfig, SMALL, "MPNet: vocab.txt alone", "mean"),
    "xlm_roberta": (XLMRobertaModel, XLMRobertaConfig, {**SMALL, "type_vocab_size": 1}, "XLM-RoBERTa: of another model, by its class", "cls"),
    "distilbert": (DistilBertModel, DistilBertConfig, DISTIL, "DistilBERT: vocab.txt alone", "mean"),
}
files_of = {case["name"]: case["files"] for case in json.loads((GOLDEN / "tokenizers/kin.json").read_text())}
for seed, (name, (kind, config_kind, sizes, files, pooling)) in enumerate(ENCODERS.items()):
    with tempfile.TemporaryDirectory() as folder:
        for file, content in files_of[files].items():
            if file.endswith(".model"):
                shutil.copy(GOLDEN / "tokenizers" / content, Path(folder, file))
            else:
                Path(folder, file).write_text(content if isinstance(content, str) else json.dumps(content))
        tokenizer = AutoTokenizer.from_pretrained(folder, model_max_length=30)
        model = kind(config_kind(vocab_size=len(tokenizer), **sizes))
        randomize(model, seed)
        model.save_pretrained(folder)
        tokenizer.save_pretrained(folder)
        encoder = SentenceTransformer(modules=[Transformer(folder), Pooling(12, pooling_mode=pooling), Normalize()], prompts={"query": "query: "})
        out = GOLDEN / f"sentence_{name}"
        shutil.rmtree(out, ignore_errors=True)
        encoder.save_pretrained(str(out), create_model_card=False)
    texts = [passage[:40] for passage in PASSAGES]
    golden = {"texts": texts, "vectors": encoder.encode(texts).tolist(), "query": encoder.encode(texts, prompt_name="query").tolist()}
    (out / "golden.json").write_text(json.dumps(golden, indent=1) + "\n")
