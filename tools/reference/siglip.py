"""Writes a tiny SigLIP of random weights with PyTorch's own outputs, sigmoid loss and gradients, and what its tokenizer makes of texts.

    python tools/reference/siglip.py

packages/clip/golden/siglip/ is laid out as clip.py's folders are; all texts are of full length, as SigLIP wants them. spiece.model beside it is
models-nlp's tiny_unigram.model, and tokens.json has texts with their ids.
"""
import json
import shutil
from pathlib import Path

import torch
from safetensors.torch import save_file
from transformers import SiglipConfig, SiglipModel, SiglipTokenizer

from clip import OUT, images, randomize

NLP = Path(__file__).parents[2] / "packages/models-nlp/golden/tokenizers"
TEXTS = [
    "a photo of a cat", "A Photo, of two CATS!", "", " ", "  leading", "trailing  ", "two  spaces\tand\nlines", "don't-stop", "▁marks ▁ here", "...", "! then words",
    "naïve café", "日本語", "emoji 😀 here", "\u3000wide\u00a0spaces", "İstanbul", "a</s>b", "x_y{z}",
]  # fmt: skip


def main():
    shape = dict(hidden_size=12, intermediate_size=20, num_hidden_layers=2, num_attention_heads=2)
    config = SiglipConfig(text_config=dict(**shape, vocab_size=160, max_position_embeddings=6, projection_size=12), vision_config=dict(**shape, image_size=16, patch_size=4))
    model = SiglipModel(config).eval()
    randomize(model, 71)
    with torch.no_grad():
        model.logit_scale.fill_(1.5)
        model.logit_bias.fill_(-2.0)
    x = images(3, 16, 72)
    ids = torch.randint(0, 160, (3, 6), generator=torch.Generator().manual_seed(73))
    call = lambda m: m(input_ids=ids, pixel_values=x, return_loss=True)
    outputs = call(model)
    outputs.loss.backward()
    golden = {"pixel_values": x, "input_ids": ids.to(torch.int32), "logits": outputs.logits_per_image, "loss": outputs.loss,
              "image_features": outputs.vision_model_output.pooler_output, "text_features": outputs.text_model_output.pooler_output}
    golden |= {"grad." + key: parameter.grad for key, parameter in model.named_parameters()}
    folder = OUT / "siglip"
    folder.mkdir(parents=True, exist_ok=True)
    save_file({k: v.contiguous() for k, v in model.state_dict().items()}, folder / "model.safetensors", metadata={"format": "pt"})
    (folder / "config.json").write_text(json.dumps({**config.to_dict(), "architectures": ["SiglipModel"]}, indent=2, sort_keys=True) + "\n")
    golden["losses"] = losses(model, call)
    save_file({k: v.detach().contiguous() for k, v in golden.items()}, folder / "golden.safetensors")
    shutil.copy(NLP / "tiny_unigram.model", folder / "spiece.model")
    tokenizer = SiglipTokenizer(str(folder / "spiece.model"))
    (folder / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": "SiglipTokenizer", "pad_token": "</s>", "eos_token": "</s>", "unk_token": "<unk>", "model_max_length": 64, "do_lower_case": True}, indent=2) + "\n")
    (folder / "tokens.json").write_text(json.dumps([{"text": text, "ids": tokenizer(text)["input_ids"]} for text in TEXTS], indent=1) + "\n")
    print(sum(p.numel() for p in model.parameters()), "parameters", sum(f.stat().st_size for f in folder.iterdir()), "bytes", tokenizer.vocab_size)


def gemma(folder):
    """A tiny tokenizer as Gemma's, which SigLIP 2 has: byte-pair encoding with bytes for what is unknown."""
    from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

    special = ["<pad>", "<eos>", "<bos>", "<unk>", "<mask>"]
    tokens = [*special, *(f"<0x{byte:02X}>" for byte in range(256)), *"▁abcdefghijklmnopqrstuvwxyzABC.,!", "▁c", "ca", "cat", "▁cat", "ph", "pho"]
    merges = [("▁", "c"), ("c", "a"), ("ca", "t"), ("▁", "cat"), ("p", "h"), ("ph", "o")]
    tokenizer = Tokenizer(models.BPE(vocab={token: i for i, token in enumerate(tokens)}, merges=merges, unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    tokenizer.normalizer = normalizers.Replace(" ", "▁")
    tokenizer.pre_tokenizer = pre_tokenizers.Split(" ", "merged_with_previous")
    tokenizer.post_processor = processors.TemplateProcessing(single="$A:0 <eos>:0", pair="$A:0 <eos>:0 $B:1 <eos>:1", special_tokens=[("<eos>", 1)])
    tokenizer.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()])
    tokenizer.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in special])
    tokenizer.save(str(folder / "tokenizer.json"))
    said = {"tokenizer_class": "GemmaTokenizer", "add_bos_token": False, "add_eos_token": True, "bos_token": "<bos>", "eos_token": "<eos>", "pad_token": "<pad>", "unk_token": "<unk>", "model_max_length": 64, "padding_side": "right", "spaces_between_special_tokens": False, "do_lower_case": True}  # fmt: skip
    (folder / "tokenizer_config.json").write_text(json.dumps(said, indent=2) + "\n")
    return len(tokens)


def open_clip():
    """A tiny SigLIP 2 as open_clip has it, its tokenizer with open_clip's cleaning: packages/clip/golden/open_clip_siglip/."""
    import timm
    from open_clip.model import CustomTextCLIP
    from open_clip.tokenizer import HFTokenizer
    from torch.nn.functional import normalize

    folder = OUT / "open_clip_siglip"
    folder.mkdir(parents=True, exist_ok=True)
    vocabulary = gemma(folder)
    vision = {"image_size": 16, "timm_model_name": "vit_base_patch32_siglip_256", "timm_model_pretrained": False, "timm_pool": "map", "timm_proj": "none"}
    text = {"context_length": 8, "vocab_size": vocabulary, "hf_tokenizer_name": "timm/ViT-B-32-SigLIP2-256", "tokenizer_kwargs": {"clean": "canonicalize"}, "width": 16, "heads": 2, "layers": 1,
            "no_causal_mask": True, "proj_bias": True, "pool_type": "last", "norm_kwargs": {"eps": 1e-6}, "act_kwargs": {"approximate": "tanh"}}  # fmt: skip
    settings = {"embed_dim": 64, "init_logit_bias": -10, "custom_text": True, "vision_cfg": vision, "text_cfg": text}
    model = CustomTextCLIP(64, {**vision, "image_size": 256}, text, init_logit_bias=-10)
    trunk = dict(img_size=16, patch_size=8, embed_dim=64, depth=1, num_heads=1, mlp_ratio=2, class_token=False, global_pool="map", num_classes=0, act_layer="gelu_tanh")
    model.visual.trunk = timm.models.vision_transformer.VisionTransformer(**trunk)
    randomize(model, 75)
    with torch.no_grad():
        model.logit_scale.fill_(1.5)
        model.logit_bias.fill_(-2.0)
    weights = {key: value.half().contiguous() for key, value in model.state_dict().items()}
    model.load_state_dict({key: value.float() for key, value in weights.items()})
    save_file(weights, folder / "open_clip_model.safetensors", metadata={"format": "pt"})
    preprocess = {"mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5], "interpolation": "bicubic", "resize_mode": "squash"}
    (folder / "open_clip_config.json").write_text(json.dumps({"model_cfg": settings, "preprocess_cfg": preprocess}, indent=1) + "\n")
    ids = HFTokenizer(str(folder), context_length=8, clean="canonicalize")(TEXTS)
    pixels = (torch.arange(2 * 3 * 16 * 16) % 97).reshape(2, 3, 16, 16) / 48 - 1
    with torch.no_grad():
        image, text = model.eval().double().encode_image(pixels.double(), normalize=True), model.encode_text(ids[:3], normalize=True)
        logits = model.logit_scale.exp() * image @ text.T + model.logit_bias
    flat = lambda tensor: [round(float(value), 6) for value in tensor.flatten()]
    expected = {"texts": TEXTS, "ids": ids.tolist(), "image_embeddings": flat(image), "text_embeddings": flat(text), "logits": flat(logits)}
    expected["zero_shot"] = zero_shot(model, HFTokenizer(str(folder), context_length=8, clean="canonicalize"), image)
    (folder / "expected.json").write_text(json.dumps(expected) + "\n")
    hugging_face_ids()


def zero_shot(model, tokenizer, image):
    """What open_clip's own classifier says of each image, each label a yes or no of its own."""
    from open_clip.zero_shot_classifier import build_zero_shot_classifier

    labels, templates = ["cat", "Two CATS!", "a dog"], ["{label}", "my {label}!"]
    made = [(lambda label, template=template: template.replace("{label}", label)) for template in templates]
    with torch.no_grad():
        classifier = build_zero_shot_classifier(model, tokenizer, labels, made, num_classes_per_batch=None, device="cpu")
        probabilities = torch.sigmoid(model.logit_scale.exp() * image @ classifier + model.logit_bias)
    return {"labels": labels, "templates": templates, "probabilities": [round(float(value), 6) for value in probabilities.flatten()]}


def hugging_face_ids():
    """What Hugging Face's library makes of texts with the same files: its classes build their stages themselves."""
    from transformers import AutoTokenizer

    folder = OUT / "open_clip_siglip"
    said = json.loads((folder / "tokenizer_config.json").read_text())
    rows = {}
    for name in ("GemmaTokenizer", "Siglip2Tokenizer"):
        (folder / "tokenizer_config.json").write_text(json.dumps({**said, "tokenizer_class": name}))
        tokenizer = AutoTokenizer.from_pretrained(folder)
        rows[name] = [tokenizer(text)["input_ids"] for text in TEXTS]
    (folder / "tokenizer_config.json").write_text(json.dumps(said, indent=2) + "\n")
    (folder / "classes.json").write_text(json.dumps(rows) + "\n")


def losses(model, call, steps=10):
    """Ten steps of AdamW; unlike CLIP's, the scale isn't clamped."""
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=0.05)
    found = []
    for _ in range(steps):
        optimizer.zero_grad()
        loss = call(model).loss
        loss.backward()
        optimizer.step()
        found.append(loss.detach())
    return torch.stack(found)


if __name__ == "__main__":
    main()
    open_clip()
