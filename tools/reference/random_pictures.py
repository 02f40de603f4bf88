"""Random image classifiers through `x classify` and CLIPs and SigLIPs through `x zero-shot`, from file to probabilities: random_models.py.

    python tools/reference/random_pictures.py [models of each] [seed] [part of a name]    # transformers 5.24, timm, Pillow, sentencepiece 0.2.1 and protobuf
"""
import json
from pathlib import Path

from random_models import ROOT, close, compare, draw, pick, sentence, stirred, x
from random_texts import CASES, clip as clip_files
import timm
import torch
import transformers as hf
from PIL import Image
from timm.data import create_transform, resolve_data_config
from timm.models import save_for_hf

PICTURES = [ROOT / "packages/models-vision/golden/classify" / name for name in ("sky.jpg", "stripes.png")]


def classify(folder, kind):
    heads, patch = draw(1, 4), pick([4, 6, 8])
    size = patch * draw(3, 6)
    labels = {"id2label": {i: f"class {i}" for i in range(5)}, "label2id": {f"class {i}": i for i in range(5)}}
    shape = dict(hidden_size=heads * pick([4, 6, 8]), num_hidden_layers=draw(1, 3), num_attention_heads=heads, image_size=size, patch_size=patch, qkv_bias=pick([True, False]), **labels)
    if kind.startswith("Dinov2"):
        shape.update(mlp_ratio=pick([2, 4]), use_swiglu_ffn=pick([True, False]), **({"num_register_tokens": draw(1, 5)} if "Reg" in kind else {}))
    if kind == "Swinv2":
        shape = dict(image_size=size * 4, patch_size=4, embed_dim=12, depths=[draw(1, 2), 2], num_heads=[2, 3], window_size=draw(2, 5), **labels)
    model = stirred(getattr(hf, f"{kind}ForImageClassification")(getattr(hf, f"{kind}Config")(**shape)))
    model.save_pretrained(folder)
    mean, std = pick([([0.5] * 3, [0.5] * 3), ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])])
    side = model.config.image_size
    said = dict(resample=pick([2, 3]), image_mean=mean, image_std=std)
    if kind == "Swinv2" or pick([True, False]):
        processor = hf.ViTImageProcessor(size={"height": side, "width": side}, **said)
    else:
        processor = hf.BitImageProcessor(size={"shortest_edge": side + draw(0, 9)}, crop_size={"height": side, "width": side}, **said)
    processor.save_pretrained(folder)
    processor = hf.AutoImageProcessor.from_pretrained(folder, backend="pil")
    theirs = model(**processor([Image.open(file).convert("RGB") for file in PICTURES], return_tensors="pt")).logits.softmax(-1)
    seen(folder, theirs, [f"class {i}" for i in range(5)])


def seen(folder, theirs, names):
    ours = [{one["label"]: one["probability"] for one in row["labels"]} for row in x("classify", folder, "--top-k", 9, *PICTURES)]
    close([[row[name] for name in names] for row in ours], theirs, "probabilities", 1e-4)


TIMM = ["vit_base_patch16_224", "vit_base_patch16_clip_224", "vit_small_patch14_reg4_dinov2", "vit_base_patch16_siglip_224", "vit_so400m_patch14_siglip_gap_224", "deit3_small_patch16_224",
        "deit_small_distilled_patch16_224", "vit_medium_patch16_reg1_gap_256", "swinv2_tiny_window8_256", "swin_tiny_patch4_window7_224"]  # fmt: skip


def classify_timm(folder, kind):
    heads, patch = draw(1, 4), pick([4, 6, 8])
    size = patch * draw(3, 6)
    args = dict(img_size=size, patch_size=patch, embed_dim=heads * pick([4, 8]), depth=draw(1, 3), num_heads=heads)
    if kind.startswith("swin"):
        args = dict(img_size=64, patch_size=4, embed_dim=12, depths=(1, 2), num_heads=(2, 3), window_size=draw(2, 6))
    elif "distilled" not in kind:
        args.update(pick([{}, {"global_pool": "avg"}, {"class_token": False, "global_pool": "map"}, {"reg_tokens": 2}, {"qkv_bias": False}, {"pre_norm": True}, {"no_embed_class": True},
                          {"fc_norm": True}, {"dynamic_img_size": True}, {"init_values": 0.3}, {"class_token": False, "global_pool": "avg", "fc_norm": False}]))  # fmt: skip
    model = stirred(timm.create_model(kind, num_classes=5, **args))
    side = args["img_size"]
    model.pretrained_cfg = {**model.pretrained_cfg, "input_size": (3, side, side), "crop_pct": pick([0.9, 0.875, 1.0]), "interpolation": pick(["bicubic", "bilinear"]),
                            "crop_mode": pick(["center", "squash"]), "mean": (0.5, 0.4, 0.3), "std": (0.3, 0.2, 0.25)}  # fmt: skip
    names = [f"class {i}" for i in range(5)]
    save_for_hf(model, folder, model_args=args, model_config={"label_names": names}, safe_serialization=True)
    transform = create_transform(**resolve_data_config(pretrained_cfg=model.pretrained_cfg))
    batch = torch.stack([transform(Image.open(file).convert("RGB")) for file in PICTURES])
    seen(folder, model(batch).softmax(-1), names)


def zero_shot(folder, kind):
    heads, patch = draw(1, 3), pick([4, 8])
    size = patch * draw(2, 5)
    act = pick(["gelu", "gelu_pytorch_tanh", "quick_gelu"])
    tower = dict(num_attention_heads=heads, num_hidden_layers=draw(1, 3), intermediate_size=draw(9, 40), hidden_act=act)
    vision = dict(hidden_size=heads * 8, image_size=size, patch_size=patch, **tower)
    if kind == "siglip":
        for file, content in CASES["T5's, as SigLIP has it"].items():
            Path(folder, file).write_bytes(content)
        tokenizer = hf.T5Tokenizer.from_pretrained(folder, extra_ids=0)
        text = dict(vocab_size=len(tokenizer), hidden_size=heads * 6, projection_size=heads * 8, max_position_embeddings=draw(16, 30), pad_token_id=0, **tower)
        model = stirred(hf.SiglipModel(hf.SiglipConfig(text_config=text, vision_config=vision)))
        processor = hf.SiglipImageProcessor(size={"height": size, "width": size})
        how = dict(padding="max_length", truncation=True, max_length=text["max_position_embeddings"])
    else:
        for file, content in clip_files.items():
            Path(folder, file).write_bytes(content)
        names = json.loads(Path(folder, "vocab.json").read_text())
        for token in ("<|startoftext|>", "<|endoftext|>"):
            names[token] = len(names)
        Path(folder, "vocab.json").write_text(json.dumps(names))
        Path(folder, "config.json").write_text('{"model_type": "clip"}')
        tokenizer = hf.CLIPTokenizer.from_pretrained(folder)
        text = dict(vocab_size=len(names), hidden_size=heads * 6, max_position_embeddings=40, eos_token_id=pick([2, len(names) - 1]), bos_token_id=len(names) - 2, **tower)
        model = stirred(hf.CLIPModel(hf.CLIPConfig(text_config=text, vision_config=vision, projection_dim=draw(5, 20))))
        processor = hf.CLIPImageProcessor(size={"shortest_edge": size}, crop_size={"height": size, "width": size})
        how = dict(padding=True)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    processor.save_pretrained(folder)
    processor = hf.AutoImageProcessor.from_pretrained(folder, backend="pil")
    labels = [label for label in dict.fromkeys(" ".join(sentence(4).replace(",", "").split()) for _ in range(4)) if label]
    batch = tokenizer([f"a picture of {label}" for label in labels], return_tensors="pt", **how)
    pixels = processor([Image.open(file).convert("RGB") for file in PICTURES], return_tensors="pt")
    logits = model(**{key: value for key, value in batch.items() if kind != "siglip" or key == "input_ids"}, **pixels).logits_per_image
    theirs = logits.sigmoid() if kind == "siglip" else logits.softmax(-1)
    words = [word for label in labels for word in ("--labels", label)]
    rows = x("zero-shot", folder, *words, "--template", "a picture of {label}", "--top-k", 9, *PICTURES)
    ours = [{one["label"]: one["probability"] for one in row["labels"]} for row in rows]
    close([[row[label] for label in labels] for row in ours], theirs, "probabilities", 1e-4)


if __name__ == "__main__":
    hub = [(classify, kind) for kind in ("ViT", "DeiT", "ViTMSN", "Dinov2", "Dinov2WithRegisters", "Swinv2")]
    compare([*hub, *((classify_timm, kind) for kind in TIMM), (zero_shot, "siglip"), (zero_shot, "clip")])
