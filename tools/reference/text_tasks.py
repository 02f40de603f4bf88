"""Writes what transformers' pipelines answer with tiny random BERTs: fill-mask, text-classification, token-classification, question-answering.

    python tools/reference/text_tasks.py   # transformers 4.57.1: the last line that has the question-answering pipeline

packages/models-nlp/golden/tasks/ gets the vocabulary that they share, `pipelines.json`, and `logits.json`: what each model made of each text, so that
the tests need no model.
"""
import json
from pathlib import Path

import torch
from transformers import (
    BertConfig,
    BertForMaskedLM,
    BertForQuestionAnswering,
    BertForSequenceClassification,
    BertForTokenClassification,
    BertTokenizerFast,
    pipeline,
)

FOLDER = Path(__file__).parents[2] / "packages/models-nlp/golden/tasks"
WORDS = """the a an of and to in is was it he she they we you i that this with for on at by from as his her their said who what when where how why
whale ship sea captain man boat old great white john smith lives works new york london google paris mary white house united nations france
call me ish ##mael ##ael ##s ##ed ##ing ##er ##ly ##y ##e ##t un ##believ ##able jump quick brown fox lazy dog fast slow good bad weather today""".split()
LETTERS = [chr(code) for code in range(ord("a"), ord("z") + 1)]
DIGITS = list("0123456789")
vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *".,!?'-:;()\"", *LETTERS, *DIGITS, *WORDS]
vocabulary += ["##" + piece for piece in LETTERS + DIGITS]
vocabulary = list(dict.fromkeys(vocabulary))

FOLDER.mkdir(parents=True, exist_ok=True)
(FOLDER / "vocab.txt").write_text("\n".join(vocabulary) + "\n")
tokenizer = BertTokenizerFast(str(FOLDER / "vocab.txt"), model_max_length=64)

TEXTS = [
    "Call me Ishmael.",
    "John Smith lives in New York and works for Google, unbelievably!",
    "The quick brown fox jumped over Mary's lazy dog at the White House.",
    "It was the United Nations' captain, Jean-Luc Picard, who said: \"whales!\"",
    "I",
]
LONG = " ".join(f"In {year} the captain of ship {year % 7} met the white whale and said {'abcdefghij'[year % 10]} to Mary." for year in range(1840, 1856))
CONTEXTS = [
    ("Who lives in New York?", "John Smith lives in New York and works for Google. Mary, unbelievably, lives in Paris, France."),
    ("What did the fox do?", "The quick brown fox jumped over the lazy dog; the dog was slow."),
    ("Where is the café?", "Naïve café 😀 owners said it is in Zürich, not in Paris."),
]


def config(**more):
    return BertConfig(vocab_size=len(vocabulary), hidden_size=24, num_hidden_layers=2, num_attention_heads=3, intermediate_size=40,
                      max_position_embeddings=64, initializer_range=0.3, **more)  # fmt: skip


recorded = {}


def build(name, kind, **more):
    """A model that remembers what it was given and what came out."""
    torch.manual_seed(7)
    model = kind(config(**more)).eval()
    rows = recorded.setdefault(name, {})

    def remember(_, __, given, out):
        length = int(given["attention_mask"].sum())  # the rest is padding
        values = [out.start_logits, out.end_logits] if hasattr(out, "start_logits") else [out.logits]
        key = given["input_ids"][0, :length].tolist() + given["token_type_ids"][0, :length].tolist()
        per_token = values[0].shape[1] == given["input_ids"].shape[1]
        rows[" ".join(map(str, key))] = [[round(x, 6) for x in value[0, : length if per_token else None].flatten().tolist()] for value in values]

    model.register_forward_hook(remember, with_kwargs=True)
    return model


def utf16(text, at):
    return len(text[:at].encode("utf-16-le")) // 2


golden = {}
model = build("masked", BertForMaskedLM)
fill = pipeline("fill-mask", model=model, tokenizer=tokenizer, top_k=4)
masked = ["Call me [MASK].", "The [MASK] fox, who jumped, is quick.", "[MASK]"]
golden["fill_mask"] = [
    {"text": text, "candidates": [{"token": vocabulary[c["token"]], "id": c["token"], "probability": c["score"], "text": c["sequence"]} for c in fill(text)]}
    for text in masked
]

golden["classify"] = []
for name, more in [
    ("single", {"num_labels": 3, "id2label": {0: "good", 1: "bad", 2: "ugly"}, "label2id": {"good": 0, "bad": 1, "ugly": 2}}),
    ("multi", {"num_labels": 4, "problem_type": "multi_label_classification"}),
]:
    model = build(name, BertForSequenceClassification, **more)
    classify = pipeline("text-classification", model=model, tokenizer=tokenizer, top_k=None)
    rows = []
    for text in [*TEXTS, (TEXTS[0], TEXTS[1]), (TEXTS[2], TEXTS[4])]:
        found = classify(text if isinstance(text, str) else {"text": text[0], "text_pair": text[1]})
        found = found[0] if isinstance(found[0], list) else found
        rows.append({"text": text, "classes": [{"label": c["label"], "probability": c["score"]} for c in found]})
    golden["classify"].append({"model": name, "rows": rows})

labels = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC"]
model = build("tokens", BertForTokenClassification, id2label=dict(enumerate(labels)), label2id={label: i for i, label in enumerate(labels)})
golden["tag"] = []
for aggregation in ["none", "simple", "first", "average", "max"]:
    tag = pipeline("token-classification", model=model, tokenizer=tokenizer, aggregation_strategy=aggregation)
    for text in TEXTS + [context for _, context in CONTEXTS]:
        entities = [{"label": e.get("entity") or e["entity_group"], "probability": float(e["score"]), "begin": utf16(text, e["start"]), "end": utf16(text, e["end"])}
                    for e in tag(text)]  # fmt: skip
        golden["tag"].append({"aggregation": aggregation, "text": text, "entities": entities})
tag = pipeline("token-classification", model=model, tokenizer=tokenizer, aggregation_strategy="simple", stride=12)
entities = [{"label": e["entity_group"], "probability": float(e["score"]), "begin": e["start"], "end": e["end"]} for e in tag(LONG)]
golden["tag_windows"] = {"text": LONG, "stride": 12, "entities": entities}

model = build("answer", BertForQuestionAnswering)
ask = pipeline("question-answering", model=model, tokenizer=tokenizer)
golden["answer"] = []
for question, context in CONTEXTS:
    for options in [{}, {"top_k": 5}, {"top_k": 3, "max_answer_len": 4}, {"top_k": 4, "handle_impossible_answer": True}]:
        answers = ask(question=question, context=context, **options)
        answers = [{"text": a["answer"], "begin": utf16(context, a["start"]), "end": utf16(context, a["end"]), "probability": float(a["score"])}
                   for a in (answers if isinstance(answers, list) else [answers])]  # fmt: skip
        golden["answer"].append({"question": question, "context": context, "options": options, "answers": answers})
# Windows that share nothing, of a text without repetition: where windows give the same answer, the pipeline adds to more than 1.
DISTINCT = " ".join(word for word in WORDS if not word.startswith("##"))
answers = ask(question="Who met the whale?", context=DISTINCT, top_k=6, max_seq_len=30, doc_stride=0)
golden["answer_windows"] = {"question": "Who met the whale?", "context": DISTINCT, "length": 30,
                            "answers": [{"text": a["answer"], "begin": a["start"], "end": a["end"], "probability": float(a["score"])} for a in answers]}  # fmt: skip
(FOLDER / "pipelines.json").write_text(json.dumps(golden, ensure_ascii=False, separators=(",", ":")))
(FOLDER / "logits.json").write_text(json.dumps(recorded, separators=(",", ":")))
