"""Writes tiny FNets of random weights with Hugging Face's own outputs, losses and gradients, and a few outputs of FNet-Base.

    python tools/reference/fnet.py

Each goes to packages/models-nlp/golden/<name>/: config.json and model.safetensors as the hub would have them, and golden.safetensors with `input_ids`,
`token_type_ids`, the outputs, the labels, `loss`, and `grad.<key>` for every parameter under its key in model.safetensors. `fnet` has `losses` (ten steps
of AdamW) and `hidden.<i>` as well. The hybrid is FNet with BERT's own attention in its last layer, the linear one has two matrices in place of the
transform; Hugging Face's library has neither, so their forward pass is put together here from its parts.

FNet-Base goes to golden/fnet-full-size.json, with weights as hashed.py makes them.

The folder fnet_fixture is not from here: transformers 5.18.0 wrote it once, and it stays as it is.
"""
import json
from pathlib import Path

import torch
from hashed import fill, sampled, uniform
from safetensors.torch import save_file
from torch.nn.functional import cross_entropy
from transformers import (
    BertConfig, FNetConfig, FNetForMaskedLM, FNetForNextSentencePrediction, FNetForPreTraining, FNetForQuestionAnswering,
    FNetForSequenceClassification, FNetForTokenClassification, FNetModel,
)
from transformers.models.bert.modeling_bert import BertAttention
from vision import curve, randomize

OUT = Path(__file__).parents[2] / "packages/models-nlp/golden"
SMALL = dict(vocab_size=40, hidden_size=24, num_hidden_layers=2, intermediate_size=48, max_position_embeddings=20)


def text(batch, length, seed):
    generator = torch.Generator().manual_seed(seed)
    ids = torch.randint(0, 40, (batch, length), generator=generator)
    return ids, torch.randint(0, 4, (batch, length), generator=generator)


def write(name, model, config, inputs, outputs, loss, keys=lambda key: key, save=None):
    loss.backward()
    ids, types = inputs
    golden = {"input_ids": ids, "token_type_ids": types, "loss": loss, **outputs}
    golden |= {"grad." + keys(key): parameter.grad for key, parameter in model.named_parameters() if parameter.grad is not None}
    folder = OUT / name
    folder.mkdir(parents=True, exist_ok=True)
    if save:
        save_file({keys(k): v.contiguous() for k, v in model.state_dict().items()}, folder / "model.safetensors", metadata={"format": "pt"})
    else:
        model.save_pretrained(folder)
    (folder / "config.json").write_text(json.dumps(config, indent=2, sort_keys=True) + "\n")
    kept = {k: v.detach().contiguous() for k, v in golden.items()}
    save_file({k: v.to(torch.int32) if v.dtype == torch.int64 else v for k, v in kept.items()}, folder / "golden.safetensors")
    print(f"{name}: {sum(p.numel() for p in model.parameters())} parameters, {sum(f.stat().st_size for f in folder.iterdir())} bytes")


def masked(ids, seed):
    """Labels for about a third of the places."""
    kept = torch.rand(ids.shape, generator=torch.Generator().manual_seed(seed)) < 0.35
    return torch.where(kept, ids.flip(0), -100)


def build(kind, config, seed):
    torch.manual_seed(seed)
    model = kind(config)
    randomize(model, seed)
    return model.eval()


def saved_config(config, architecture, **more):
    return {**config.to_dict(), "architectures": [architecture], **more}


def pre_training():
    config = FNetConfig(**SMALL)
    model = build(FNetForPreTraining, config, 1)
    ids, types = text(2, 11, 2)
    labels, follows = masked(ids, 3), torch.tensor([0, 1])
    run = lambda m: m(ids, token_type_ids=types, labels=labels, next_sentence_label=follows)
    out = model(ids, token_type_ids=types, labels=labels, next_sentence_label=follows, output_hidden_states=True)
    tokens = model.fnet(ids, token_type_ids=types)
    outputs = {"prediction_logits": out.prediction_logits, "seq_relationship_logits": out.seq_relationship_logits, "labels": labels,
               "next_sentence_label": follows, "pooler_output": tokens.pooler_output}
    outputs |= {f"hidden.{i}": h for i, h in enumerate(out.hidden_states)}
    again = build(FNetForPreTraining, config, 1)
    outputs["losses"] = curve(again, lambda m: run(m).loss)
    write("fnet", model, saved_config(config, "FNetForPreTraining"), (ids, types), outputs, out.loss)


def heads():
    config = FNetConfig(**{**SMALL, "hidden_size": 13, "hidden_act": "gelu"})
    model = build(FNetForMaskedLM, config, 4)
    inputs = text(3, 17, 5)
    labels = masked(inputs[0], 6)
    out = model(inputs[0], token_type_ids=inputs[1], labels=labels)
    write("fnet_masked_lm", model, saved_config(config, "FNetForMaskedLM"), inputs, {"logits": out.logits, "labels": labels}, out.loss)

    inputs = text(2, 6, 7)
    config = FNetConfig(**SMALL)
    model = build(FNetForNextSentencePrediction, config, 8)
    labels = torch.tensor([1, 0])
    out = model(inputs[0], token_type_ids=inputs[1], labels=labels)
    write("fnet_next_sentence", model, saved_config(config, "FNetForNextSentencePrediction"), inputs, {"logits": out.logits, "labels": labels}, out.loss)

    names = {0: "bad", 1: "good", 2: "neither"}
    config = FNetConfig(**SMALL, id2label=names, label2id={v: k for k, v in names.items()})
    model = build(FNetForSequenceClassification, config, 9)
    labels = torch.tensor([2, 0])
    out = model(inputs[0], token_type_ids=inputs[1], labels=labels)
    write("fnet_sequence", model, saved_config(config, "FNetForSequenceClassification"), inputs, {"logits": out.logits, "labels": labels}, out.loss)

    model = build(FNetForTokenClassification, config, 10)
    labels = inputs[0] % 3
    out = model(inputs[0], token_type_ids=inputs[1], labels=labels)
    write("fnet_token", model, saved_config(config, "FNetForTokenClassification"), inputs, {"logits": out.logits, "labels": labels}, out.loss)

    config = FNetConfig(**SMALL)
    model = build(FNetForQuestionAnswering, config, 11)
    starts, ends = torch.tensor([1, 3]), torch.tensor([4, 3])
    out = model(inputs[0], token_type_ids=inputs[1], start_positions=starts, end_positions=ends)
    outputs = {"start_logits": out.start_logits, "end_logits": out.end_logits, "start_positions": starts, "end_positions": ends}
    write("fnet_question", model, saved_config(config, "FNetForQuestionAnswering"), inputs, outputs, out.loss)


class LinearMixing(torch.nn.Module):
    def __init__(self, length, width):
        super().__init__()
        self.sequence = torch.nn.Parameter(torch.empty(length, length))
        self.hidden = torch.nn.Parameter(torch.empty(width, width))

    def forward(self, x):
        return (torch.einsum("bij,kj,ni->bnk", x, self.hidden, self.sequence),)


def variants():
    inputs = text(2, 9, 12)
    mask = torch.ones(2, 9, dtype=torch.long)
    mask[1, 6:] = 0
    weights = torch.randn(2, 9, 24, generator=torch.Generator().manual_seed(13))

    config = FNetConfig(**SMALL)
    model = FNetModel(config)
    attention = BertConfig(hidden_size=24, num_attention_heads=3, layer_norm_eps=config.layer_norm_eps)
    attention._attn_implementation = "eager"
    model.encoder.layer[1].fourier = BertAttention(attention)
    randomize(model, 14)
    model.eval()
    x = model.embeddings(inputs[0], inputs[1])
    first = model.encoder.layer[0](x)[0]
    added = torch.where(mask == 0, float("-inf"), 0.0)[:, None, None]
    last = model.encoder.layer[1]
    mixed = last.fourier(first, attention_mask=added)[0]
    tokens = last.feed_forward_chunk(mixed)
    pooled = model.pooler(tokens)
    rename = lambda key: "fnet." + (key.replace("fourier.self.", "attention.self.").replace("fourier.output.dense", "attention.output.dense"))
    loss = (tokens * weights).mean() + pooled.mean()
    outputs = {"attention_mask": mask, "weights": weights, "last_hidden_state": tokens, "pooler_output": pooled}
    more = dict(num_attention_layers=1, attention_layout="top", num_attention_heads=3)
    write("fnet_hybrid", model, saved_config(config, "FNetModel", **more), inputs, outputs, loss, rename, save=True)

    config = FNetConfig(**{**SMALL, "max_position_embeddings": 9})
    model = FNetModel(config)
    for layer in model.encoder.layer:
        layer.fourier.self = LinearMixing(9, 24)
    randomize(model, 15)
    model.eval()
    out = model(inputs[0], token_type_ids=inputs[1])
    loss = (out.last_hidden_state * weights).mean() + out.pooler_output.mean()
    rename = lambda key: "fnet." + key.replace("fourier.self.sequence", "linear.sequence.weight").replace("fourier.self.hidden", "linear.hidden.weight")
    outputs = {"weights": weights, "last_hidden_state": out.last_hidden_state, "pooler_output": out.pooler_output}
    write("fnet_linear", model, saved_config(config, "FNetModel", mixer="linear"), inputs, outputs, loss, rename, save=True)


def full_size():
    """Every step-th number of the tokens and of the pooled text, of 128 hashed ids."""
    model = fill(FNetModel(FNetConfig()))
    ids = torch.from_numpy(((uniform(10**9, 128) + 0.5) * 32000).astype("int64")).reshape(1, 128)
    with torch.no_grad():
        out = model(ids)
    results = {name: sampled(name, value) for name, value in (("tokens", out.last_hidden_state), ("pooled", out.pooler_output))}
    (OUT / "fnet-full-size.json").write_text(json.dumps(results) + "\n")


for part in (pre_training, heads, variants, full_size):
    part()
