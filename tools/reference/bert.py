"""Writes tiny BERTs of random weights with Hugging Face's own outputs, losses and gradients, and a few outputs of BERT-Base.

    python tools/reference/bert.py

Each goes to packages/models-nlp/golden/<name>/: config.json and model.safetensors as the hub would have them, and golden.safetensors with `input_ids`,
`token_type_ids`, `attention_mask`, the outputs, the labels, `loss`, and `grad.<key>` for every parameter under its key in model.safetensors. `bert` has
`losses` (ten steps of AdamW), `hidden.<i>` and `attention.<i>` as well.

BERT-Base goes to golden/bert-full-size.json, with weights as hashed.py makes them.

The folder bert_fixture is not from here: transformers 5.18.0 wrote it once, and it stays as it is.
"""
import json
from pathlib import Path

import torch
from hashed import fill, sampled, uniform
from safetensors.torch import load_file, save_file
from transformers import (
    BertConfig, BertForMaskedLM, BertForNextSentencePrediction, BertForPreTraining, BertForQuestionAnswering, BertForSequenceClassification,
    BertForTokenClassification, BertModel,
)
from vision import curve, randomize

OUT = Path(__file__).parents[2] / "packages/models-nlp/golden"
SMALL = dict(vocab_size=40, hidden_size=24, num_hidden_layers=2, num_attention_heads=3, intermediate_size=48, max_position_embeddings=20)
NAMES = {0: "bad", 1: "good", 2: "neither"}


def text(batch, length, seed):
    """Ids, types and a mask: the second text ends three tokens early."""
    generator = torch.Generator().manual_seed(seed)
    ids = torch.randint(1, 40, (batch, length), generator=generator)
    mask = torch.ones(batch, length, dtype=torch.long)
    mask[1, length - 3:] = 0
    return {"input_ids": ids * mask, "token_type_ids": torch.randint(0, 2, (batch, length), generator=generator), "attention_mask": mask}


def masked(ids, seed):
    """Labels for about a third of the places."""
    kept = torch.rand(ids.shape, generator=torch.Generator().manual_seed(seed)) < 0.35
    return torch.where(kept, ids.flip(0), -100)


def build(kind, config, seed):
    torch.manual_seed(seed)
    config._attn_implementation = "eager"
    model = kind(config)
    randomize(model, seed)
    return model.eval()


def write(name, kind, config, seed, inputs, targets, outputs_of, hidden=False, curved=False):
    model = build(kind, config, seed)
    out = model(**inputs, **targets, **(dict(output_hidden_states=True, output_attentions=True) if hidden else {}))
    out.loss.backward()
    golden = {**inputs, **targets, **outputs_of(model, out), "loss": out.loss}
    if hidden:
        golden |= {f"hidden.{i}": h for i, h in enumerate(out.hidden_states)}
        golden |= {f"attention.{i}": a for i, a in enumerate(out.attentions)}
    if hidden or curved:
        golden["losses"] = curve(build(kind, config, seed), lambda m: m(**inputs, **targets).loss)
    folder = OUT / name
    folder.mkdir(parents=True, exist_ok=True)
    model.save_pretrained(folder)
    saved = load_file(folder / "model.safetensors")  # which name of a tied weight it has, the class decides
    weights = model.named_parameters(remove_duplicate=False)
    golden |= {"grad." + key: p.grad for key, p in weights if key in saved and p.grad is not None}
    (folder / "config.json").write_text(json.dumps({**config.to_dict(), "architectures": [kind.__name__]}, indent=2, sort_keys=True) + "\n")
    (folder / "generation_config.json").unlink(missing_ok=True)
    kept = {k: v.detach().contiguous() for k, v in golden.items()}
    save_file({k: v.to(torch.int32) if v.dtype == torch.int64 else v for k, v in kept.items()}, folder / "golden.safetensors")
    print(f"{name}: {sum(p.numel() for p in model.parameters())} parameters, {sum(f.stat().st_size for f in folder.iterdir())} bytes")


def heads():
    labelled = dict(id2label=NAMES, label2id={v: k for k, v in NAMES.items()})
    logits = lambda model, out: {"logits": out.logits}
    inputs = text(2, 11, 2)
    ids = inputs["input_ids"]

    def pre_training(model, out):
        pooled = model.bert(**inputs).pooler_output
        return {"prediction_logits": out.prediction_logits, "seq_relationship_logits": out.seq_relationship_logits, "pooler_output": pooled}

    targets = {"labels": masked(ids, 3), "next_sentence_label": torch.tensor([0, 1])}
    write("bert", BertForPreTraining, BertConfig(**SMALL), 1, inputs, targets, pre_training, hidden=True)
    write("bert_masked_lm", BertForMaskedLM, BertConfig(**{**SMALL, "hidden_act": "gelu_new"}), 4, inputs, {"labels": masked(ids, 6)}, logits)
    write("bert_next_sentence", BertForNextSentencePrediction, BertConfig(**SMALL), 8, inputs, {"labels": torch.tensor([1, 0])}, logits)
    write("bert_sequence", BertForSequenceClassification, BertConfig(**SMALL, **labelled), 9, inputs, {"labels": torch.tensor([2, 0])}, logits)
    write("bert_token", BertForTokenClassification, BertConfig(**SMALL, **labelled), 10, inputs, {"labels": ids % 3}, logits)
    ends = {"start_positions": torch.tensor([1, 3]), "end_positions": torch.tensor([4, 3])}
    both = lambda model, out: {"start_logits": out.start_logits, "end_logits": out.end_logits}
    write("bert_question", BertForQuestionAnswering, BertConfig(**SMALL), 11, inputs, ends, both)


def full_size():
    """Every step-th number of the tokens and of the pooled text, of 64 hashed ids, the last 8 of them padding."""
    model = fill(BertModel(BertConfig()))
    ids = torch.from_numpy(((uniform(10**9, 64) + 0.5) * 30522).astype("int64")).reshape(1, 64)
    mask = torch.ones(1, 64, dtype=torch.long)
    mask[0, 56:] = 0
    with torch.no_grad():
        out = model(ids, attention_mask=mask)
    results = {name: sampled(name, value) for name, value in (("tokens", out.last_hidden_state), ("pooled", out.pooler_output))}
    (OUT / "bert-full-size.json").write_text(json.dumps(results) + "\n")


if __name__ == "__main__":
    heads()
    full_size()
