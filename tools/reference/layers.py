"""Writes PyTorch's numbers for layers, optimizers, schedules and a short training to packages/layers/golden/layers.safetensors.

    python tools/reference/layers.py

Weights go under the names they have in @x/layers; `grad.<name>` are their gradients. Everything is computed in float64 from float32 weights.
"""
from collections import OrderedDict
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import nn

OUT = Path(__file__).parents[2] / "packages/layers/golden/layers.safetensors"
STEPS = 10

OURS = {"self_attn.in_proj_weight": "mixer.qkv.weight", "self_attn.in_proj_bias": "mixer.qkv.bias", "self_attn.out_proj.": "mixer.proj.",
        "linear1.": "mlp.fc1.", "linear2.": "mlp.fc2."}


def ours(name):
    for theirs, name_here in OURS.items():
        name = name.replace(theirs, name_here)
    return name


def numbers(shape, seed, scale=1.0):
    """Float32 numbers from N(0, scale²), held in float64."""
    return (scale * torch.randn(shape, generator=torch.Generator().manual_seed(seed))).double()


def randomize(module, seed):
    with torch.no_grad():
        for i, (name, p) in enumerate(module.named_parameters()):
            norm = "norm" in name and name.endswith("weight")
            p.copy_((1 if norm else 0) + numbers(p.shape, 100 * seed + i, 0.2))
            p.copy_(p.float().double())
    return module


def weights(prefix, module, gradients=True):
    found = {f"{prefix}.{ours(n)}": p.detach().clone() for n, p in module.named_parameters()}
    if gradients:
        found |= {f"{prefix}.grad.{ours(n)}": p.grad.clone() for n, p in module.named_parameters()}
    return found


def encoder_layer(norm_first, activation):
    return nn.TransformerEncoderLayer(12, 3, 20, dropout=0.0, activation=activation, layer_norm_eps=1e-6, batch_first=True, norm_first=norm_first).double()


def blocks():
    golden = {}
    for name, norm_first, activation in [("preNorm", True, "gelu"), ("postNorm", False, "relu")]:
        for case, mask in [("", None), ("Causal", nn.Transformer.generate_square_subsequent_mask(5).double())]:
            layer = randomize(encoder_layer(norm_first, activation), 1)
            x = numbers((2, 5, 12), 2).requires_grad_()
            dy = numbers((2, 5, 12), 3)
            y = layer(x, src_mask=mask)
            y.backward(dy)
            golden |= {f"{name}{case}.x": x, f"{name}{case}.dy": dy, f"{name}{case}.y": y, f"{name}{case}.dx": x.grad} | weights(name + case, layer)
    return golden


class SelfAttention(nn.Module):
    """Attention whose queries, keys and values have no biases."""

    def __init__(self):
        super().__init__()
        self.qkv = nn.Linear(12, 36, bias=False)
        self.proj = nn.Linear(12, 12)

    def forward(self, x):
        query, key, value = self.qkv(x).unflatten(-1, (3, 3, 4)).permute(2, 0, 3, 1, 4)
        return self.proj(nn.functional.scaled_dot_product_attention(query, key, value).transpose(1, 2).flatten(2))


class MultiheadAttention(nn.Module):
    def __init__(self):
        super().__init__()
        self.self_attn = nn.MultiheadAttention(12, 3, batch_first=True)

    def forward(self, x):
        return self.self_attn(x, x, x, need_weights=False)[0]


def feed_forward(activation):
    return nn.Sequential(OrderedDict(fc1=nn.Linear(6, 11), activation=activation, fc2=nn.Linear(11, 6)))


def single_layers():
    cases = {
        "linear": (nn.Linear(7, 5), (2, 3, 7)), "linearNoBias": (nn.Linear(7, 5, bias=False), (4, 7)), "layerNorm": (nn.LayerNorm(9, 1e-6), (2, 3, 9)),
        "attention": (MultiheadAttention(), (2, 5, 12)), "attentionNoBias": (SelfAttention(), (2, 5, 12)), "embedding": (nn.Embedding(7, 4), None),
    } | {f"feedForward.{name}": (feed_forward(activation), (2, 3, 6)) for name, activation in [
        ("relu", nn.ReLU()), ("gelu", nn.GELU()), ("geluTanh", nn.GELU("tanh")), ("silu", nn.SiLU()), ("tanh", nn.Tanh()), ("sigmoid", nn.Sigmoid())]}
    golden = {}
    for seed, (name, (layer, shape)) in enumerate(cases.items(), 50):
        layer = randomize(layer.double(), seed)
        x = torch.tensor([[3, 0, 6], [3, 3, 1]]) if shape is None else numbers(shape, 10 * seed).requires_grad_()
        y = layer(x)
        dy = numbers(y.shape, 10 * seed + 1)
        y.backward(dy)
        golden |= {f"{name}.x": x.int() if shape is None else x, f"{name}.dy": dy, f"{name}.y": y}
        golden |= {key.replace(".mixer.", "."): value for key, value in weights(name, layer).items()} | ({} if x.grad is None else {f"{name}.dx": x.grad})
    return golden


def schedules():
    """Hugging Face's learning rates at steps 0 to 110: 10 of warm-up, 110 in all, at most 0.3. (Beyond, its cosine rises again; ours does not.)"""
    from transformers import get_cosine_schedule_with_warmup, get_linear_schedule_with_warmup

    golden = {}
    for name, make in [("linear", get_linear_schedule_with_warmup), ("cosine", get_cosine_schedule_with_warmup)]:
        optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.3)
        schedule = make(optimizer, 10, 110)
        rates = []
        for _ in range(111):
            rates.append(schedule.get_last_lr()[0])
            optimizer.step()
            schedule.step()
        golden[f"schedule.{name}"] = torch.tensor(rates, dtype=torch.float64)
    return golden


def patch_embedding():
    convolution = randomize(nn.Conv2d(3, 10, 4, 4).double(), 4)
    x = numbers((2, 3, 8, 12), 5).requires_grad_()
    y = convolution(x).flatten(2).transpose(1, 2)
    dy = numbers(y.shape, 6)
    y.backward(dy)
    return {"patch.x": x, "patch.dy": dy, "patch.y": y, "patch.dx": x.grad} | weights("patch", convolution)


def noam(step, width=512, warmup=4000):
    return width**-0.5 * min(step**-0.5, step * warmup**-1.5)


def optimizers():
    """Two parameters, ten steps of given gradients; where the name says Missed, the second has none in step 3."""
    start = {"matrix": numbers((3, 4), 7), "vector": numbers((5,), 8)}
    gradients = [{"matrix": numbers((3, 4), 20 + t, 0.7), "vector": numbers((5,), 40 + t, 0.7)} for t in range(STEPS)]
    golden = {f"optim.{name}": p for name, p in start.items()}
    golden |= {f"optim.gradient.{t}.{name}": g for t, step in enumerate(gradients) for name, g in step.items()}

    def group(matrix, vector):
        return [{"params": [matrix], "weight_decay": 0.1, "lr": 0.01}, {"params": [vector], "weight_decay": 0.0, "lr": 0.005}]

    cases = {
        "adamw": lambda m, v: torch.optim.AdamW([m, v], lr=0.01),
        "adamwOptions": lambda m, v: torch.optim.AdamW([m, v], lr=0.003, betas=(0.8, 0.95), eps=1e-4, weight_decay=0.2),
        "adamwGroups": lambda m, v: torch.optim.AdamW(group(m, v), lr=0.01),
        "adamwNoam": lambda m, v: torch.optim.AdamW([m, v], lr=1.0),
        "sgd": lambda m, v: torch.optim.SGD([m, v], lr=0.1),
        "sgdMomentum": lambda m, v: torch.optim.SGD([m, v], lr=0.05, momentum=0.9, weight_decay=0.1),
        "sgdMomentumMissed": lambda m, v: torch.optim.SGD([m, v], lr=0.05, momentum=0.9, weight_decay=0.1),
        "adamwMissed": lambda m, v: torch.optim.AdamW([m, v], lr=0.01),
        "sgdGroups": lambda m, v: torch.optim.SGD(group(m, v), momentum=0.5, lr=0.01),
        "sgdClipped": lambda m, v: torch.optim.SGD([m, v], lr=0.1),
    }
    for name, make in cases.items():
        parameters = {key: p.clone().requires_grad_() for key, p in start.items()}
        optimizer = make(*parameters.values())
        norms = []
        for t, step in enumerate(gradients):
            for key, p in parameters.items():
                p.grad = None if (key, t) == ("vector", 3) and name.endswith("Missed") else step[key].clone()
            if name == "adamwNoam":
                optimizer.param_groups[0]["lr"] = noam(t + 1)
            if name == "sgdClipped":
                norms.append(nn.utils.clip_grad_norm_(parameters.values(), 1.0))
            optimizer.step()
            golden |= {f"optim.{name}.{t}.{key}": p.detach().clone() for key, p in parameters.items()}
        if norms:
            golden[f"optim.{name}.norms"] = torch.stack(norms)
    return golden


class Classifier(nn.Module):
    """Mean of a pre-norm block over embedded ids, then a linear layer."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(11, 12)
        self.block = encoder_layer(True, "gelu")
        self.norm = nn.LayerNorm(12, 1e-6)
        self.head = nn.Linear(12, 4)

    def forward(self, ids):
        return self.head(self.norm(self.block(self.embedding(ids))).mean(1))


def classifier():
    model = randomize(Classifier().double(), 9)
    generator = torch.Generator().manual_seed(10)
    ids, labels = torch.randint(0, 11, (6, 5), generator=generator), torch.randint(0, 4, (6,), generator=generator)
    golden = {"classifier.ids": ids.int(), "classifier.labels": labels.int()} | weights("classifier", model, gradients=False)
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.01, weight_decay=0.05)
    losses = []
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(ids), labels, label_smoothing=0.1)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        losses.append(loss.detach())
    return golden | {"classifier.losses": torch.stack(losses), "classifier.trainedHead": model.head.weight.detach()}


def main():
    golden = blocks() | single_layers() | patch_embedding() | optimizers() | schedules() | classifier()
    stored = {k: (v if v.dtype == torch.int32 else v.detach().float()).contiguous() for k, v in golden.items()}
    save_file(stored, OUT)
    print(f"{len(stored)} tensors, {OUT.stat().st_size} bytes")


if __name__ == "__main__":
    main()
