"""Random text encoders through `x fill-mask`, `classify-text`, `tag`, `answer`, `embed` and `rank`: random_models.py.

    python tools/reference/random_tasks.py [models of each] [seed] [part of a name]    # transformers 5.24, sentence-transformers 6.2, sentencepiece 0.2.1, protobuf

`answer` needs transformers 4.57.1, the last line with that pipeline; there it is all that runs.
"""
import json
import random
from pathlib import Path

from random_models import WORDS, close, compare, draw, pick, same, sentence, stirred, x
from random_texts import BERT, CASES, trained
import torch
import transformers as hf
from tokenizers import ByteLevelBPETokenizer, processors


def modern_tokenizer(folder):
    """ModernBERT's: byte-level BPE between [CLS] and [SEP]."""
    files = trained(ByteLevelBPETokenizer(), ["[UNK]", "[CLS]", "[SEP]", "[PAD]", "[MASK]"], 500)
    for name, content in files.items():
        Path(folder, name).write_bytes(content)
    backend = ByteLevelBPETokenizer(f"{folder}/vocab.json", f"{folder}/merges.txt")._tokenizer
    ids = [(token, backend.token_to_id(token)) for token in ("[CLS]", "[SEP]")]
    backend.post_processor = processors.TemplateProcessing("[CLS] $A [SEP]", "[CLS] $A [SEP] $B [SEP]", ids)
    for name in files:
        Path(folder, name).unlink()
    mask = hf.AddedToken("[MASK]", lstrip=True, special=True)
    tokenizer = hf.PreTrainedTokenizerFast(tokenizer_object=backend, unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]", pad_token="[PAD]", mask_token=mask,
                                           model_input_names=["input_ids", "attention_mask"])  # fmt: skip
    tokenizer.save_pretrained(folder)


def japanese(folder):
    """BERT's character class for Japanese, whose words are cut as BERT cuts others'."""
    letters = sorted({letter for word in WORDS for letter in word.lower()} | set("吾輩は猫である今日天気"))
    Path(folder, "vocab.txt").write_text("\n".join([*BERT, *letters]) + "\n")
    said = {"tokenizer_class": "BertJapaneseTokenizer", "word_tokenizer_type": "basic", "subword_tokenizer_type": "character", "do_lower_case": True}
    Path(folder, "tokenizer_config.json").write_text(json.dumps(said))
    Path(folder, "config.json").write_text('{"model_type": "bert"}')


OLD = hf.__version__.startswith("4.")
KINDS = {  # model_type: classes' name, config, what lies beside it
    "bert": ("Bert", hf.BertConfig, ["BERT, vocab.txt", "BERT, cased", "BERT, lower case with accents"]),
    "japanese": ("Bert", hf.BertConfig, [japanese]),
    "distilbert": ("DistilBert", hf.DistilBertConfig, ["DistilBERT"]),
    "electra": ("Electra", hf.ElectraConfig, ["ELECTRA"]),
    "mpnet": ("MPNet", hf.MPNetConfig, ["MPNet"]),
    "roberta": ("Roberta", hf.RobertaConfig, ["RoBERTa", "RoBERTa, prefix space", "RoBERTa, mask with its spaces"]),
    "xlm-roberta": ("XLMRoberta", hf.XLMRobertaConfig, ["XLM-RoBERTa, SentencePiece alone", "XLM-RoBERTa, texts as they are"]),
    "camembert": ("Camembert", hf.CamembertConfig, ["CamemBERT"]),
    "modernbert": ("ModernBert", hf.ModernBertConfig, [modern_tokenizer]),
}


def text_model(folder, kind, head, **more):
    """Writes a model of random size with its tokenizer, and gives both back."""
    name, config_class, files = KINDS[kind]
    made = pick(files)
    if callable(made):
        made(folder)
    else:
        for file, content in CASES[made].items():
            Path(folder, file).write_bytes(content)
    tokenizer = hf.AutoTokenizer.from_pretrained(folder)
    heads = draw(1, 4)
    longest = draw(70, 100)
    act = pick(["gelu", "relu", "gelu_new", "silu"])
    said = dict(vocab_size=len(tokenizer) + draw(0, 5), hidden_size=heads * pick([4, 6, 8]), num_hidden_layers=draw(1, 4), num_attention_heads=heads, intermediate_size=draw(9, 50),
                max_position_embeddings=longest, hidden_act=act, pad_token_id=tokenizer.pad_token_id, tie_word_embeddings=pick([True, False]))  # fmt: skip
    if kind == "distilbert":
        names = {"hidden_size": "dim", "num_hidden_layers": "n_layers", "num_attention_heads": "n_heads", "intermediate_size": "hidden_dim", "hidden_act": "activation"}
        said = {names.get(key, key): value for key, value in said.items()} | {"sinusoidal_pos_embds": pick([True, False])}
    if kind in ("roberta", "xlm-roberta", "camembert"):
        said.update(type_vocab_size=pick([1, 2]), layer_norm_eps=1e-5)
    if kind == "electra":
        said.update(embedding_size=pick([12, 20, said["hidden_size"]]))
    if kind == "modernbert":
        said["hidden_activation"], said["max_position_embeddings"] = said.pop("hidden_act"), 300
        depth = said["num_hidden_layers"] = draw(2, 6)
        said.update(local_attention=pick([2, 4, 6, 8, 64]), global_attn_every_n_layers=draw(1, 4), norm_bias=pick([True, False]), attention_bias=pick([True, False]), mlp_bias=pick([True, False]), decoder_bias=pick([True, False]),
                    classifier_bias=pick([True, False]), classifier_pooling=pick(["cls", "mean"]), classifier_activation=pick(["gelu", "silu"]), cls_token_id=1, sep_token_id=2, bos_token_id=1, eos_token_id=2)  # fmt: skip
        if not OLD:
            said.update(pick([{}, {"layer_types": [pick(["full_attention", "sliding_attention"]) for _ in range(depth)]}]))
    config = config_class(**said, **more)
    if kind == "modernbert":
        config._attn_implementation = "eager"
    model = stirred(getattr(hf, name + head)(config))
    model.save_pretrained(folder)
    if pick([True, False]) and kind != "japanese":
        for file in ("vocab.txt", "vocab.json", "merges.txt", "sentencepiece.bpe.model", "special_tokens_map.json", "added_tokens.json"):
            Path(folder, file).unlink(missing_ok=True)
        tokenizer.save_pretrained(folder)
    return model, tokenizer


def fill_mask(folder, kind):
    model, tokenizer = text_model(folder, kind, "ForMaskedLM")
    for _ in range(3):
        text = f"{sentence()} {tokenizer.mask_token}{pick([' ', ''])}{sentence()}"
        batch = tokenizer(text, return_tensors="pt")
        at = (batch["input_ids"][0] == tokenizer.mask_token_id).nonzero()[0, 0]
        shares, ids = model(**batch).logits[0, at].softmax(-1).topk(5)
        [row] = x("fill-mask", folder, text)
        same([one["id"] for one in row["tokens"]], ids.tolist(), "ids")
        close([one["probability"] for one in row["tokens"]], shares, "probabilities")


def classify_text(folder, kind):
    said = pick([{"num_labels": 3}, {"num_labels": 1}, {"num_labels": 4, "problem_type": "multi_label_classification"}, {"num_labels": 2, "problem_type": "regression"}, {}])
    model, tokenizer = text_model(folder, kind, "ForSequenceClassification", **said)
    judge = hf.pipeline("text-classification", model=model, tokenizer=tokenizer, top_k=None, device="cpu")
    pairs = [(sentence(), sentence()) for _ in range(4)]
    both = [(["--pairs", *("\t".join(pair) for pair in pairs)], [{"text": a, "text_pair": b} for a, b in pairs])] if kind != "japanese" else []  # of which 5.24 has lost the types
    for words, given in (([a for a, _ in pairs], [a for a, _ in pairs]), *both):
        for row, theirs in zip(x("classify-text", folder, *words, "--top-k", 9), [judge(one) for one in given]):
            theirs = {one["label"]: one["score"] for one in (theirs[0] if isinstance(theirs[0], list) else theirs)}
            close([one["probability"] for one in row["labels"]], [theirs[one["label"]] for one in row["labels"]], "probabilities")
            same(len(row["labels"]), len(theirs), "labels")


def tag(folder, kind):
    labels = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC"][: draw(3, 5)]
    model, tokenizer = text_model(folder, kind, "ForTokenClassification", id2label=dict(enumerate(labels)), label2id={label: i for i, label in enumerate(labels)})
    find = hf.pipeline("token-classification", model=model, tokenizer=tokenizer, aggregation_strategy="simple", device="cpu")
    texts = [sentence() for _ in range(4)]
    for row, theirs in zip(x("tag", folder, *texts), [find(text) for text in texts]):
        same([(one["label"], one["begin"], one["end"]) for one in row["entities"]], [(one["entity_group"], one["start"], one["end"]) for one in theirs], "entities")
        close([one["probability"] for one in row["entities"]], [float(one["score"]) for one in theirs], "probabilities")


def answer(folder, kind):
    model, tokenizer = text_model(folder, kind, "ForQuestionAnswering")
    find = hf.pipeline("question-answering", model=model, tokenizer=tokenizer, device="cpu")
    context = " ".join(random.choices(WORDS, k=draw(4, 12)))  # of one window
    questions = [sentence(6) for _ in range(3)]
    for row, question in zip(x("answer", folder, "--context", context, "--top-k", 4, *questions), questions):
        theirs = find(question=question, context=context, top_k=4, max_seq_len=70, doc_stride=20)
        same([one["text"].strip() for one in row["answers"]], [one["answer"].strip() for one in theirs], "answers")
        close([one["probability"] for one in row["answers"]], [one["score"] for one in theirs], "probabilities")


# --- Vectors and scores -------------------------------------------------------------------------------------------------------------------------------
def rank(folder, kind):
    from sentence_transformers import CrossEncoder

    text_model(folder, kind, "ForSequenceClassification", num_labels=1)
    act = pick([None, torch.nn.Identity(), torch.nn.Sigmoid()])
    model = CrossEncoder(folder, device="cpu", **({} if act is None else {"activation_fn": act}))
    if act is not None:
        if pick([True, False]):
            model.save_pretrained(folder)
        else:  # as older versions wrote it
            file = Path(folder, "config.json")
            file.write_text(json.dumps({**json.loads(file.read_text()), "sbert_ce_default_activation_function": f"torch.nn.modules.{'linear.Identity' if isinstance(act, torch.nn.Identity) else 'activation.Sigmoid'}"}))
    query, passages = sentence(), [sentence() for _ in range(6)]
    theirs = model.rank(query, passages)
    ours = x("rank", folder, "--truncate", "--query", query, *passages)
    close([one["score"] for one in ours], [float(one["score"]) for one in theirs], "scores")
    same([one["index"] for one in ours], [one["corpus_id"] for one in theirs], "order")


def embed(folder, kind):
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Dense, Normalize, Pooling, Transformer

    made = Path(folder, "encoder")
    made.mkdir()
    model, _ = text_model(str(made), kind, "Model")
    width = model.config.hidden_size
    modes = random.sample(["mean", "cls", "max", "mean_sqrt_len_tokens", "lasttoken", "weightedmean"], k=pick([1, 1, 2]))
    modules = [Transformer(str(made)), Pooling(width, pooling_mode=tuple(modes) if len(modes) > 1 else modes[0], include_prompt=pick([True, False]))]
    if pick([True, False]):
        modules.append(Dense(width * len(modes), draw(4, 20), bias=pick([True, False]), activation_function=pick([torch.nn.Tanh(), torch.nn.Identity(), torch.nn.ReLU()])))
    if pick([True, False]):
        modules.append(Normalize())
    prompts = {"query": "query: ", "document": pick(["passage: ", ""])}
    encoder = SentenceTransformer(modules=modules, prompts=prompts, default_prompt_name=pick([None, "query"]), device="cpu")
    out = Path(folder, "saved")
    encoder.save_pretrained(str(out), create_model_card=False)
    encoder = SentenceTransformer(str(out), device="cpu")
    texts = [sentence() for _ in range(4)]
    close([row["embedding"] for row in x("embed", out, *texts)], encoder.encode(texts), "vectors")
    packed = encoder.encode(texts, precision="ubinary")
    if packed.shape[1] * 8 == encoder.encode(texts).shape[1]:
        same([row["embedding"] for row in x("embed", out, "--precision", "ubinary", *texts)], packed.tolist(), "bits")
    scores = encoder.similarity(encoder.encode_query([texts[0]]), encoder.encode_document(texts))[0]
    ours = {row["index"]: row["score"] for row in x("rank", out, "--query", texts[0], *texts)}
    close([ours[i] for i in range(4)], scores, "scores")


def late(folder, kind):
    from sentence_transformers import MultiVectorEncoder

    model, tokenizer = text_model(folder, "bert", "Model")
    config = json.loads(Path(folder, "config.json").read_text())
    from safetensors.torch import save_file

    width, size = model.config.hidden_size, pick([4, 6, 9])
    weights = {f"bert.{name}": value.contiguous() for name, value in model.state_dict().items() if "pooler" not in name}
    save_file({**weights, "linear.weight": torch.randn(size, width)}, Path(folder, "model.safetensors"), {"format": "pt"})
    Path(folder, "config.json").write_text(json.dumps({**config, "architectures": ["HF_ColBERT"]}))
    metadata = {"query_maxlen": draw(6, 30), "doc_maxlen": draw(8, 40), "dim": size, "similarity": "cosine", "query_token": "[Q]", "doc_token": "[D]", "query_token_id": "the",
                "doc_token_id": "of", "mask_punctuation": pick([True, False]), "attend_to_mask_tokens": pick([True, False])}  # fmt: skip
    Path(folder, "artifact.metadata").write_text(json.dumps(metadata))
    judge = MultiVectorEncoder(folder, device="cpu")
    query, passages = sentence(), [sentence(20) for _ in range(5)]
    theirs = judge.similarity(judge.encode_query([query]), judge.encode_document(passages))[0]
    ours = {row["index"]: row["score"] for row in x("rank", folder, "--query", query, "--truncate", *passages)}
    close([ours[i] for i in range(5)], theirs, "scores", 1e-4)


if __name__ == "__main__":
    tasks = [(task, kind) for kind in KINDS for task in (fill_mask, classify_text, tag, rank, embed) if (task, kind) not in ((tag, "japanese"), (rank, "japanese"))]
    asked = [(answer, kind) for kind in KINDS if kind != "japanese"]
    compare(asked if OLD else [*tasks, (late, "colbert")])
