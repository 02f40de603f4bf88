"""Writes tiny Transformers and Marian models of random weights with PyTorch's own logits, losses, gradients and translations.

    python tools/reference/transformer.py

Each goes to packages/models-nlp/golden/<name>/: config.json and model.safetensors, and golden.safetensors with `input_ids`, `attention_mask`, `labels`,
`logits`, `memory`, `loss`, and `grad.<key>` for every parameter under its key in model.safetensors; `losses` are ten steps of AdamW. `transformer` is the
paper's form put together from torch.nn.Transformer, `transformer_pre_norm` the other one; `marian` and `marian_two_vocabularies` are Hugging Face's.
`marian_trained/generation.json` has what `generate` gives for many settings; `marian_half` has a `pytorch_model.bin` in half precision with every tied copy.

Marian at opus-mt's size (with 8000 tokens) goes to golden/marian-full-size.json, with weights as hashed.py makes them.

The folders marian_fixture and torch_transformer_fixture are not from here: transformers 5.18.0 and torch 2.13.0 wrote them once, and they stay as they are.
"""
import json
import math
from pathlib import Path

import torch
from hashed import fill, uniform
from safetensors.torch import save_file
from torch import nn
from torch.nn.functional import cross_entropy
from transformers import MarianConfig, MarianMTModel
from vision import curve, randomize

OUT = Path(__file__).parents[2] / "packages/models-nlp/golden"
torch.backends.mha.set_fastpath_enabled(False)


class Transformer(nn.Module):
    """Vaswani et al. 2017 around torch.nn.Transformer."""

    def __init__(self, vocab, target_vocab, d, heads, layers, ff, activation, norm_first, tied):
        super().__init__()
        self.transformer = nn.Transformer(d, heads, *layers, ff, activation=activation, norm_first=norm_first, batch_first=True)
        if not norm_first:
            self.transformer.encoder.norm = self.transformer.decoder.norm = None
        if tied:
            self.shared = nn.Embedding(vocab, d)
        else:
            self.encoder_embed_tokens, self.decoder_embed_tokens = nn.Embedding(vocab, d), nn.Embedding(target_vocab, d)
            self.lm_head = nn.Linear(d, target_vocab, bias=False)
        self.d, self.tied = d, tied

    def embed(self, ids, table):
        position = torch.arange(ids.shape[1]).unsqueeze(1)
        angle = position / 10000 ** (torch.arange(0, self.d, 2) / self.d)
        positions = torch.stack([angle.sin(), angle.cos()], -1).flatten(1)[:, : self.d]
        return table(ids) * math.sqrt(self.d) + positions

    def forward(self, ids, mask, targets, target_mask=None):
        source, target = (self.shared, self.shared) if self.tied else (self.encoder_embed_tokens, self.decoder_embed_tokens)
        causal = torch.triu(torch.ones(targets.shape[1], targets.shape[1], dtype=torch.bool), 1)
        memory = self.transformer.encoder(self.embed(ids, source), src_key_padding_mask=mask == 0)
        output = self.transformer.decoder(self.embed(targets, target), memory, tgt_mask=causal, memory_key_padding_mask=mask == 0,
                                          tgt_key_padding_mask=None if target_mask is None else target_mask == 0)
        return output @ (self.shared.weight if self.tied else self.lm_head.weight).T, memory


def batch(vocab, target_vocab, seed):
    generator = torch.Generator().manual_seed(seed)
    ids = torch.randint(3, vocab, (3, 7), generator=generator)
    labels = torch.randint(3, target_vocab, (3, 6), generator=generator)
    mask = torch.tensor([[1] * 7, [1] * 5 + [0] * 2, [1] * 3 + [0] * 4])
    labels[1, 4:] = labels[2, 2:] = -100
    return ids, mask, labels


def shift_right(labels, start, pad):
    targets = torch.cat([torch.full((labels.shape[0], 1), start), labels[:, :-1]], 1)
    return targets.masked_fill(targets == -100, pad)


def write(name, model, config, golden, keys=lambda key: key):
    folder = OUT / name
    folder.mkdir(parents=True, exist_ok=True)
    golden |= {"grad." + keys(key): p.grad for key, p in model.named_parameters() if p.grad is not None}
    kept = {k: v.detach().contiguous() for k, v in golden.items()}
    save_file({k: v.to(torch.int32) if v.dtype == torch.int64 else v.to(torch.float32) for k, v in kept.items()}, folder / "golden.safetensors")
    (folder / "config.json").write_text(json.dumps(config, indent=2, sort_keys=True) + "\n")
    print(f"{name}: {sum(p.numel() for p in model.parameters())} parameters, {sum(f.stat().st_size for f in folder.iterdir())} bytes")


def paper():
    cases = {
        "transformer": (dict(vocab=23, target_vocab=23, heads=2, layers=(2, 2), activation="relu", norm_first=False, tied=True), {}),
        "transformer_pre_norm": (dict(vocab=23, target_vocab=19, heads=4, layers=(1, 2), activation="gelu", norm_first=True, tied=False),
                                 {"share_encoder_decoder_embeddings": False, "tie_word_embeddings": False}),
    }
    for name, (args, extra) in cases.items():
        torch.manual_seed(1)
        model = Transformer(d=16, ff=32, **args)
        randomize(model, 2)
        model.eval()
        folder = OUT / name
        folder.mkdir(parents=True, exist_ok=True)
        save_file({k: v.contiguous() for k, v in model.state_dict().items()}, folder / "model.safetensors", metadata={"format": "pt"})
        ids, mask, labels = batch(args["vocab"], args["target_vocab"], 3)
        targets = shift_right(labels, 1, 0)
        loss_of = lambda m: cross_entropy(m(ids, mask, targets)[0].flatten(0, 1), labels.flatten(), label_smoothing=0.1, ignore_index=-100)
        logits, memory = model(ids, mask, targets)
        loss = loss_of(model)
        loss.backward()
        # Padding on the left of the targets, where causality doesn't hide it.
        left = torch.tensor([[1] * 6, [0] + [1] * 5, [0] * 3 + [1] * 3])
        golden = {"input_ids": ids, "attention_mask": mask, "labels": labels, "logits": logits, "memory": memory, "loss": loss,
                  "left_mask": left, "left_logits": model(ids, mask, targets, left)[0]}
        config = {"d_model": 16, "nhead": args["heads"], "num_encoder_layers": args["layers"][0], "num_decoder_layers": args["layers"][1],
                  "dim_feedforward": 32, "activation": args["activation"], "norm_first": args["norm_first"], "layer_norm_eps": 1e-5, **extra}
        golden |= {"grad." + key: p.grad.clone() for key, p in model.named_parameters()}
        golden["losses"] = curve(model, loss_of)
        model.zero_grad()
        write(name, model, config, golden)


def marian_model(seed, **args):
    config = MarianConfig(vocab_size=40, d_model=16, encoder_layers=2, decoder_layers=2, encoder_attention_heads=2, decoder_attention_heads=4,
                          encoder_ffn_dim=32, decoder_ffn_dim=24, max_position_embeddings=32, pad_token_id=39, decoder_start_token_id=39, eos_token_id=0,
                          forced_eos_token_id=0, **args)
    torch.manual_seed(seed)
    model = MarianMTModel(config)
    positions = [model.model.encoder.embed_positions.weight, model.model.decoder.embed_positions.weight]
    before = [p.clone() for p in positions]
    randomize(model, seed)
    with torch.no_grad():
        for position, value in zip(positions, before):
            position.copy_(value)
        model.final_logits_bias.copy_(0.3 * torch.randn(model.final_logits_bias.shape, generator=torch.Generator().manual_seed(seed + 1)))
    return model.eval()


def marian():
    cases = {
        "marian": dict(activation_function="swish", scale_embedding=True),
        "marian_two_vocabularies": dict(activation_function="relu", scale_embedding=False, share_encoder_decoder_embeddings=False, decoder_vocab_size=45),
    }
    for name, args in cases.items():
        model = marian_model(5, **args)
        folder = OUT / name
        model.save_pretrained(folder)
        ids, mask, labels = batch(39, 39, 6)
        out = model(input_ids=ids, attention_mask=mask, labels=labels)
        out.loss.backward()
        golden = {"input_ids": ids, "attention_mask": mask, "labels": labels, "logits": out.logits, "loss": out.loss, "memory": out.encoder_last_hidden_state}
        write(name, model, json.loads((folder / "config.json").read_text()), golden)
        if name == "marian":
            half(model, ids, mask, labels)


def generation():
    """What Hugging Face's library writes, with scores: by a model that has half learned to copy, so that beams differ and end at all lengths."""
    torch.manual_seed(8)
    model = marian_model(7, activation_function="swish", scale_embedding=True)
    optimizer = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=1e-2)
    generator = torch.Generator().manual_seed(9)
    texts = lambda count: [torch.randint(1, 12, (int(torch.randint(2, 8, (1,), generator=generator)),), generator=generator).tolist() + [0] for _ in range(count)]
    pad = lambda rows, value: torch.tensor([row + [value] * (max(map(len, rows)) - len(row)) for row in rows])
    for _ in range(250):
        rows = texts(32)
        ids = pad(rows, 39)
        optimizer.zero_grad()
        model(input_ids=ids, attention_mask=(ids != 39).long(), labels=pad(rows, -100)).loss.backward()
        optimizer.step()
    folder = OUT / "marian_trained"
    model.eval().save_pretrained(folder)
    ids = pad(texts(5), 39)
    mask = (ids != 39).long()
    common = dict(max_length=10, renormalize_logits=True, bad_words_ids=[[39]])
    settings = [
        dict(num_beams=1),
        dict(num_beams=1, forced_eos_token_id=None, max_length=4),
        *[dict(num_beams=n, length_penalty=p, early_stopping=e) for n in (2, 3, 5) for p in (-0.5, 0.0, 1.0, 2.5) for e in (False, True, "never")],
        dict(num_beams=3, num_return_sequences=3, bad_words_ids=[[39], [7], [5, 11], [0]]),
        dict(num_beams=4, num_return_sequences=2, renormalize_logits=False, forced_eos_token_id=None),
        dict(num_beams=2, max_length=3, num_return_sequences=2),
    ]
    cases = []
    for given in settings:
        options = {**common, **given}
        out = model.generate(input_ids=ids, attention_mask=mask, do_sample=False, return_dict_in_generate=True, output_scores=True, **options)
        scores = out.sequences_scores.tolist() if options["num_beams"] > 1 else None
        cases.append({"options": options, "sequences": out.sequences.tolist(), "scores": scores})
    (folder / "generation.json").write_text(json.dumps({"input_ids": ids.tolist(), "attention_mask": mask.tolist(), "cases": cases}) + "\n")
    lengths = [len(s) - s[1:].count(39) for c in cases for s in c["sequences"]]
    print("generation:", len(cases), "cases, lengths", sorted(set(lengths)), [len(s) - s[1:].count(39) for s in cases[0]["sequences"]])


def half(model, ids, mask, labels):
    folder = OUT / "marian_half"
    folder.mkdir(parents=True, exist_ok=True)
    state = {k: v.half() for k, v in model.state_dict().items()}
    torch.save(state, folder / "pytorch_model.bin")
    exact = {k: v for k, v in model.state_dict().items() if "embed_positions" in k}
    model.load_state_dict({k: v.float() for k, v in state.items()} | exact)
    (folder / "config.json").write_text((OUT / "marian/config.json").read_text())
    golden = {"input_ids": ids, "attention_mask": mask, "labels": labels, "logits": model(input_ids=ids, attention_mask=mask, labels=labels).logits}
    save_file({k: v.detach().to(torch.int32 if v.dtype == torch.int64 else torch.float32).contiguous() for k, v in golden.items()}, folder / "golden.safetensors")


def full_size():
    config = MarianConfig(vocab_size=8000, d_model=512, encoder_layers=6, decoder_layers=6, encoder_attention_heads=8, decoder_attention_heads=8,
                          encoder_ffn_dim=2048, decoder_ffn_dim=2048, max_position_embeddings=512, pad_token_id=7999, decoder_start_token_id=7999,
                          eos_token_id=0, activation_function="swish", scale_embedding=True)
    model = MarianMTModel(config).eval()

    class Stored:
        """What is in the file: without the positions, with the bias."""
        named_parameters = lambda self: [(k, p) for k, p in model.named_parameters() if "embed_positions" not in k] + [("final_logits_bias", model.final_logits_bias)]
        eval = lambda self: model

    fill(Stored())
    ids = torch.tensor([[(7 * i * i + 3 * i + 11) % 7999 for i in range(24)]])
    targets = torch.tensor([[7999] + [(5 * i * i + i + 2) % 7999 for i in range(15)]])
    with torch.no_grad():
        logits = model(input_ids=ids, decoder_input_ids=targets).logits.flatten()
    step = logits.numel() // 1000
    (OUT / "marian-full-size.json").write_text(json.dumps({"step": step, "values": [round(float(v), 6) for v in logits[::step]]}) + "\n")
    print("full size:", float(logits.std()))


if __name__ == "__main__":
    paper()
    marian()
    generation()
    full_size()
