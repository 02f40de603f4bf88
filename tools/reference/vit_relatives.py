"""Writes tiny models of ViT's relatives as vision.py does: DINOv2, and timm's `VisionTransformer` in every kind of its parts.

    python tools/reference/vit_relatives.py

timm's folders have a `config.json` as `timm.models.push_to_hf_hub` writes it: the architecture's name, and what is otherwise in `model_args`.
"""
import timm
import torch

from vision import images, on_disk, randomize, write

LABELS = dict(id2label={i: f"LABEL_{i}" for i in range(5)}, label2id={f"LABEL_{i}": i for i in range(5)})


def dinov2():
    from transformers import Dinov2Config, Dinov2ForImageClassification, Dinov2WithRegistersConfig, Dinov2WithRegistersForImageClassification

    shape = dict(image_size=16, patch_size=4, hidden_size=12, num_hidden_layers=2, num_attention_heads=2, mlp_ratio=2, **LABELS)
    cases = {
        "dinov2": (Dinov2Config(**shape, use_mask_token=False), Dinov2ForImageClassification, images(2, 16, 32)),
        "dinov2_swiglu": (Dinov2Config(**shape, use_mask_token=False, use_swiglu_ffn=True, qkv_bias=False), Dinov2ForImageClassification, images(2, 24, 33, width=20)),
        "dinov2_registers": (Dinov2WithRegistersConfig(**shape, num_register_tokens=2), Dinov2WithRegistersForImageClassification, images(2, 24, 34, width=12)),
    }
    for name, (config, kind, x) in cases.items():
        model = kind(config)
        if name == "dinov2_registers":
            model.dinov2_with_registers.embeddings.mask_token = None  # of pre-training only
        randomize(model, 31)
        config = {**config.to_dict(), "architectures": [kind.__name__]}
        write(name, model, config, x, None if name == "dinov2_swiglu" else on_disk(model), lambda m, x: m(pixel_values=x).logits)
        if name == "dinov2_swiglu":
            join_gates(name, model)


def join_gates(name, model):
    """In memory gate and value are two matrices, on disk one: model.safetensors as the library saves it, and the gradients by its names."""
    import re
    import tempfile
    from pathlib import Path
    from shutil import copy

    from safetensors.torch import load_file, save_file
    from vision import OUT

    with tempfile.TemporaryDirectory() as folder:
        model.save_pretrained(folder)
        copy(Path(folder) / "model.safetensors", OUT / name / "model.safetensors")
    golden = load_file(OUT / name / "golden.safetensors")
    names = {"attention.q_proj": "attention.attention.query", "attention.k_proj": "attention.attention.key", "attention.v_proj": "attention.attention.value",
             "attention.o_proj": "attention.output.dense", "mlp.down_proj": "mlp.weights_out", "mlp.gate_proj": "mlp.weights_in"}
    joined = {}
    for key, value in golden.items():
        if "mlp.up_proj" in key:
            continue
        if "mlp.gate_proj" in key:
            value = torch.cat([value, golden[key.replace("gate_proj", "up_proj")]])
        joined[re.sub("|".join(names), lambda found: names[found[0]], key)] = value.contiguous()
    save_file(joined, OUT / name / "golden.safetensors")


def of_timm():
    shape = dict(img_size=16, patch_size=4, embed_dim=12, depth=2, num_heads=2)
    cases = {
        "timm_deit3": ("deit3_small_patch16_224", {}, images(2, 16, 42)),
        "timm_clip": ("vit_base_patch16_clip_quickgelu_224", {}, images(2, 16, 43)),
        "timm_gap_registers": ("vit_medium_patch16_reg1_gap_256", dict(dynamic_img_size=True), images(2, 24, 44, width=12)),
        "timm_mean_normed": ("vit_so150m_patch16_reg4_gap_256", {}, images(2, 16, 45)),
        "timm_map": ("vit_base_patch32_siglip_256", {}, images(2, 16, 46)),
        "timm_swiglu": ("vit_giant_patch14_reg4_dinov2", {}, images(2, 16, 47)),
        "timm_branch_norm": ("vit_base_patch16_rpn_224", {}, images(2, 16, 48)),
        "timm_unnormed": ("vit_base_patch16_radio_v3", {}, images(2, 16, 49)),
    }
    for name, (architecture, args, x) in cases.items():
        model_args = {**shape, **args}
        model = timm.create_model(architecture, num_classes=5, **model_args)
        randomize(model, 41)
        settings = {"input_size": [3, 16, 16], "num_classes": 5, "interpolation": "bicubic", "crop_pct": 0.9, "crop_mode": "center",
                    "mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5]}
        config = {"architecture": architecture, "num_classes": 5, "num_features": 12, "global_pool": model.global_pool, "model_args": model_args, "pretrained_cfg": settings}
        write(name, model, config, x)


if __name__ == "__main__":
    torch.manual_seed(0)
    dinov2()
    of_timm()
