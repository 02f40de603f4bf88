"""Writes CLIP goldens: tiny models of random weights with PyTorch's own outputs, contrastive loss and gradients, and a few outputs of full-size ones.

    python tools/reference/clip.py                  # all
    python tools/reference/clip.py hugging_face     # some: hugging_face, open_clip_vit, open_clip_resnet, open_clip_settings, torch_script, full_size

Each goes to packages/clip/golden/<name>/: the config, model.safetensors as the hub would have it, and golden.safetensors with `pixel_values`, `input_ids`,
`attention_mask`, `logits` (per image), `image_features`, `text_features` (before normalisation), `loss` (symmetric cross-entropy), and `grad.<key>` for every
parameter under its key in model.safetensors. The ResNet's gradients are of training mode, where batch norm takes the batch's statistics; `running.<key>`
are the running averages after that step. `losses`: ten steps of AdamW, the logit scale brought back to [0, ln 100] after each.
"""
import json
import math
import sys
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch.nn.functional import cross_entropy, normalize

OUT = Path(__file__).parents[2] / "packages/clip/golden"
VOCABULARY, BEGIN, END = 60, 58, 59


def randomize(model, seed):
    """Weights of order 0.1 everywhere, biases and norms included, so that no gradient hides behind a zero."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            noise = torch.randn(parameter.shape, generator=generator)
            norm = parameter.dim() == 1 and name.endswith("weight")
            scale = parameter.dim() == 0
            parameter.copy_(2.6592 + 0.1 * noise if scale else 1 + 0.1 * noise if norm else 0.15 * noise)
        for name, buffer in model.named_buffers():
            if name.endswith("running_mean"):
                buffer.copy_(0.1 * torch.randn(buffer.shape, generator=generator))
            if name.endswith("running_var"):
                buffer.copy_(0.5 + torch.rand(buffer.shape, generator=generator))


def texts(count, length, seed):
    """[BOS] words [EOS], of different lengths, padded with [EOS]."""
    generator = torch.Generator().manual_seed(seed)
    ids = torch.full((count, length), END)
    mask = torch.zeros(count, length, dtype=torch.long)
    for i in range(count):
        words = 2 + i % (length - 3)
        ids[i, 0] = BEGIN
        ids[i, 1:1 + words] = torch.randint(3, BEGIN, (words,), generator=generator)
        mask[i, :words + 2] = 1
    return ids, mask


def images(count, side, seed):
    return torch.randn(count, 3, side, side, generator=torch.Generator().manual_seed(seed))


def symmetric_loss(logits):
    labels = torch.arange(logits.shape[0])
    return (cross_entropy(logits, labels) + cross_entropy(logits.T, labels)) / 2


def outputs(model, encode_image, encode_text):
    image, text = encode_image(model), encode_text(model)
    logits = model.logit_scale.exp() * normalize(image, dim=-1) @ normalize(text, dim=-1).T
    return image, text, logits


def curve(model, loss_of, steps=10):
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=0.05)
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        loss = loss_of(model)
        loss.backward()
        optimizer.step()
        with torch.no_grad():
            model.logit_scale.clamp_(0, math.log(100))
        losses.append(loss.detach())
    return torch.stack(losses)


def write(name, model, inputs, encode_image, encode_text, configs, training=False):
    folder = OUT / name
    folder.mkdir(parents=True, exist_ok=True)
    keep = lambda key: not key.endswith(("attn_mask", "position_ids", "num_batches_tracked"))
    save_file({k: v.clone().contiguous() for k, v in model.state_dict().items() if keep(k)}, folder / "model.safetensors", metadata={"format": "pt"})
    for file, config in configs.items():
        (folder / file).write_text(json.dumps(config, indent=2, sort_keys=True) + "\n")
    model.double().eval()  # so that what is compared is our rounding, not the sum of theirs and ours
    image, text, logits = outputs(model, encode_image, encode_text)
    golden = {**inputs, "image_features": image, "text_features": text, "logits": logits}
    model.train(training)
    loss_of = lambda m: symmetric_loss(outputs(m, encode_image, encode_text)[2])
    loss = loss_of(model)
    loss.backward()
    golden |= {"loss": loss} | {"grad." + k: p.grad.clone() for k, p in model.named_parameters()}
    golden |= {"running." + k: b.clone() for k, b in model.named_buffers() if "running_" in k}
    if not training:
        golden["losses"] = curve(model, loss_of)
    save_file({k: (v.float() if v.is_floating_point() else v.to(torch.int32)).detach().contiguous() for k, v in golden.items()}, folder / "golden.safetensors")
    print(f"{name}: {sum(p.numel() for p in model.parameters())} parameters, {sum(f.stat().st_size for f in folder.iterdir())} bytes")


def hugging_face():
    from transformers import CLIPConfig, CLIPModel

    text = dict(vocab_size=VOCABULARY, hidden_size=16, intermediate_size=32, num_hidden_layers=2, num_attention_heads=2, max_position_embeddings=12,
                bos_token_id=BEGIN, eos_token_id=END, pad_token_id=END)
    vision = dict(hidden_size=24, intermediate_size=48, num_hidden_layers=2, num_attention_heads=3, image_size=16, patch_size=4)
    config = CLIPConfig(text_config=text, vision_config=vision, projection_dim=8)
    model = CLIPModel(config)
    randomize(model, 1)
    ids, mask = texts(3, 8, 2)
    pixels = images(3, 16, 3)
    pooled = lambda features: getattr(features, "pooler_output", features)
    write("hugging_face", model, {"pixel_values": pixels, "input_ids": ids, "attention_mask": mask},
          lambda m: pooled(m.get_image_features(pixel_values=pixels.double())), lambda m: pooled(m.get_text_features(input_ids=ids, attention_mask=mask)),
          {"config.json": {**config.to_dict(), "architectures": ["CLIPModel"]}})


def tiny_open_clip(vision, quick_gelu, heads=2):
    from open_clip.model import CLIP

    text = dict(context_length=12, vocab_size=VOCABULARY, width=16, heads=heads, layers=2)
    return CLIP(8, vision, text, quick_gelu=quick_gelu), {"model_cfg": {"embed_dim": 8, "quick_gelu": quick_gelu, "vision_cfg": vision, "text_cfg": text}}


def open_clip(name, vision, quick_gelu, count, training, seed):
    model, config = tiny_open_clip(vision, quick_gelu)
    randomize(model, seed)
    if training:  # a cooler softmax: at 1/0.07, gradients through ten batch norms cancel so far that PyTorch's own float32 is off by 1.3e-5
        torch.nn.init.constant_(model.logit_scale, 1.0)
    ids, _ = texts(count, 12, seed + 1)
    pixels = images(count, vision["image_size"], seed + 2)
    write(name, model, {"pixel_values": pixels, "input_ids": ids}, lambda m: m.encode_image(pixels.double()), lambda m: m.encode_text(ids),
          {"open_clip_config.json": config}, training)


def open_clip_vit():
    open_clip("open_clip_vit", dict(image_size=16, layers=2, width=24, head_width=8, patch_size=4), False, 3, False, 4)


def open_clip_resnet():
    open_clip("open_clip_resnet", dict(image_size=64, layers=[1, 2, 1, 1], width=4, patch_size=None), True, 4, True, 7)


# One weights file for all of these; what the settings make of it lies in expected.json.
SETTINGS = {
    "avg": ({"pool_type": "avg"}, {}),
    "avg, then the norm": ({"pool_type": "avg", "final_ln_after_pool": True}, {}),
    "tok, then the norm": ({"final_ln_after_pool": True}, {}),
    "no norm before": ({"no_ln_pre": True}, {}),
    "norms of another epsilon": ({"norm_kwargs": {"eps": 0.1}}, {"norm_kwargs": {"eps": 0.05}}),
    "GELU of tanh": ({"act_kwargs": {"approximate": "tanh"}}, {"act_kwargs": {"approximate": "tanh"}}),
    "last": ({}, {"pool_type": "last"}),
    "first": ({}, {"pool_type": "first"}),
    "eos": ({}, {"pool_type": "eos", "eos_id": 7}),
    "eos of id 2": ({}, {"pool_type": "eos", "eos_id": 2}),
    "no causal mask": ({}, {"no_causal_mask": True}),
    "CLIPA": ({"no_ln_pre": True, "pool_type": "avg", "final_ln_after_pool": True}, {"pool_type": "last", "no_causal_mask": True, "tokenizer_kwargs": {"strip_sep_token": True}}),
}  # fmt: skip


def open_clip_settings():
    """What open_clip's settings change: embeddings of two pictures and two texts, of length 1, for each."""
    from open_clip.model import CLIP

    folder = OUT / "open_clip_settings"
    folder.mkdir(parents=True, exist_ok=True)
    vision, text = dict(image_size=16, layers=1, width=16, head_width=8, patch_size=8), dict(context_length=8, vocab_size=VOCABULARY, width=16, heads=2, layers=1)
    model = CLIP(8, vision, text)
    randomize(model, 31)
    weights = {key: value.contiguous() for key, value in model.state_dict().items() if key != "attn_mask"}
    save_file(weights, folder / "open_clip_model.safetensors", metadata={"format": "pt"})
    pixels = (torch.arange(2 * 3 * 16 * 16) % 97).reshape(2, 3, 16, 16) / 48 - 1
    ids = torch.tensor([[BEGIN, 5, 9, 7, 2, 7, 0, 0], [BEGIN, 2, 7, 6, END, 3, 2, 0]])
    expected = {"input_ids": ids.tolist(), "settings": {}}
    for name, (own_vision, own_text) in SETTINGS.items():
        own = CLIP(8, {**vision, **own_vision}, {**text, **{key: value for key, value in own_text.items() if key != "tokenizer_kwargs"}})
        own.load_state_dict(weights, strict="no_ln_pre" not in own_vision)
        features = own.eval().double()(pixels.double(), ids)
        flat = [[round(float(value), 6) for value in one.flatten()] for one in features[:2]]
        expected["settings"][name] = {"model_cfg": {"embed_dim": 8, "vision_cfg": {**vision, **own_vision}, "text_cfg": {**text, **own_text}}, "images": flat[0], "texts": flat[1]}
    (folder / "expected.json").write_text(json.dumps(expected) + "\n")
    open_clip_tokens(folder)


TEXTS = ["A photo of a cat", "  two\u00a0spaces \n", "don\u2019t_stop &amp;amp; go!", "(Cats), cats & dogs.", "\u00c9clair caf\u00e9", "[SEP] a [CLS]", "", "a cat a cat a cat a cat", "na\u00c3\u00afve"]  # fmt: skip


def open_clip_tokens(folder):
    """What open_clip's HFTokenizer makes of texts, with BERT's words, for what tokenizer_kwargs may say."""
    from open_clip.tokenizer import HFTokenizer

    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "a", "photo", "of", "cat", "##s", "two", "spaces", "don", "'", "t", "_", "stop", "&", "amp", ";", "go", "!", "(", ")", ",", ".", "dogs", "dog", "eclair", "cafe", "dont", "naive", "dont", "sep", "cls", "[", "]"]  # fmt: skip
    (folder / "vocab.txt").write_text("\n".join(dict.fromkeys(words)) + "\n")
    (folder / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": "BertTokenizer", "do_lower_case": True}) + "\n")
    kinds = [{}, {"clean": "lower"}, {"clean": "canonicalize"}, {"strip_sep_token": True}, {"clean": "canonicalize", "strip_sep_token": True}]
    rows = [{"kwargs": kind, "ids": HFTokenizer(str(folder), context_length=10, **kind)(TEXTS).tolist()} for kind in kinds]
    (folder / "tokens.json").write_text(json.dumps({"texts": TEXTS, "rows": rows}) + "\n")


def torch_script():
    """As OpenAI publishes: a TorchScript archive in half precision."""
    from open_clip.model import convert_weights_to_fp16

    model, _ = tiny_open_clip(dict(image_size=16, layers=1, width=64, head_width=64, patch_size=4), True, heads=1)
    randomize(model, 10)
    ids, _ = texts(2, 12, 11)
    pixels = images(2, 16, 12)
    folder = OUT / "torch_script"
    folder.mkdir(parents=True, exist_ok=True)
    convert_weights_to_fp16(model)
    torch.jit.script(model.eval()).save(folder / "ViT-tiny.pt")
    model.float()
    image, text, logits = outputs(model, lambda m: m.encode_image(pixels), lambda m: m.encode_text(ids))
    golden = {"pixel_values": pixels, "input_ids": ids.to(torch.int32), "image_features": image, "text_features": text, "logits": logits}
    save_file({k: v.detach().contiguous() for k, v in golden.items()}, folder / "golden.safetensors")
    print(f"torch_script: {sum(f.stat().st_size for f in folder.iterdir())} bytes")


def full_size():
    from hashed import fill, uniform
    from open_clip import get_model_config
    from open_clip.model import CLIP
    from transformers import CLIPConfig, CLIPModel

    pixels = torch.from_numpy((2 * uniform(10**9, 3 * 224 * 224)).astype("float32")).reshape(1, 3, 224, 224)
    ids = torch.tensor([[49406, *(1000 + 37 * i for i in range(10)), 49407]])
    results = {}

    def record(name, features):
        flat = features.detach().flatten().double()
        results[name] = [round(float(v), 7) for v in flat]
        print(name, list(features.shape), float(flat.std()))

    pooled = lambda features: getattr(features, "pooler_output", features)
    with torch.no_grad():
        model = fill(CLIPModel(CLIPConfig()))
        record("vit-b32 image", pooled(model.get_image_features(pixel_values=pixels)))
        record("vit-b32 text", pooled(model.get_text_features(input_ids=ids)))
        config = get_model_config("RN50-quickgelu")
        model = fill(CLIP(config["embed_dim"], config["vision_cfg"], config["text_cfg"], quick_gelu=True))
        record("rn50 image", model.encode_image(pixels))
        record("rn50 text", model.encode_text(torch.nn.functional.pad(ids, (0, 77 - ids.shape[1]))))
    (OUT / "full-size.json").write_text(json.dumps(results) + "\n")


ALL = {f.__name__: f for f in (hugging_face, open_clip_vit, open_clip_resnet, open_clip_settings, torch_script, full_size)}
if __name__ == "__main__":
    for name in sys.argv[1:] or ALL:
        ALL[name]()
