"""Writes tiny vision models of random weights with PyTorch's own outputs, loss and gradients.

    python tools/reference/vision.py            # all
    python tools/reference/vision.py vit swin   # some

Each goes to packages/models-vision/golden/<name>/: config.json and model.safetensors as the hub would have them, and golden.safetensors with
`pixel_values`, `labels`, `logits`, `loss` (mean cross-entropy), and `grad.<key>` for every parameter under its key in model.safetensors. Some have
`losses` (ten steps of AdamW), `hidden.<i>` and `attention.<i>`; MAE has `noise`, `mask`, `ids_restore`, `latent`, and its own loss.

Folders called *_fixture are not from here: transformers 5.18.0 and timm 1.0.29 wrote them once, and they stay as they are.
"""
import json
import sys
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch.nn.functional import cross_entropy

OUT = Path(__file__).parents[2] / "packages/models-vision/golden"


def randomize(model, seed):
    """Weights of order 0.1 everywhere, biases and norms included, so that no gradient hides behind a zero."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            noise = torch.randn(parameter.shape, generator=generator)
            norm = parameter.dim() == 1 and ("norm" in name.lower()) and name.endswith("weight")
            parameter.copy_(1 + 0.1 * noise if norm else 0.15 * noise)


def write(name, model, config, images, keys=None, forward=None, labels=None):
    model.eval()
    folder = OUT / name
    folder.mkdir(parents=True, exist_ok=True)
    rename = keys or (lambda key: key)
    logits = (forward or (lambda m, x: m(x)))(model, images)
    labels = torch.arange(images.shape[0]) % logits.shape[-1] if labels is None else labels
    loss = cross_entropy(logits, labels)
    loss.backward()
    golden = {"pixel_values": images, "labels": labels.to(torch.int32), "logits": logits.detach(), "loss": loss.detach()}
    for key, parameter in model.named_parameters():
        if parameter.grad is not None:
            golden["grad." + rename(key)] = parameter.grad
    save_file({k: v.contiguous() for k, v in golden.items()}, folder / "golden.safetensors")
    save_file({rename(k): v.contiguous() for k, v in model.state_dict().items()}, folder / "model.safetensors", metadata={"format": "pt"})
    (folder / "config.json").write_text(json.dumps(config, indent=2, sort_keys=True) + "\n")
    print(f"{name}: {sum(p.numel() for p in model.parameters())} parameters, {sum(f.stat().st_size for f in folder.iterdir())} bytes")


def images(batch, side, seed, channels=3, width=None):
    return torch.randn(batch, channels, side, width or side, generator=torch.Generator().manual_seed(seed))


def on_disk(model):
    """In-memory name → name on disk, found by saving: transformers 5 renamed modules but still writes the old names."""
    import tempfile
    from safetensors.torch import load_file

    marked = {}
    saved_values = {k: v.clone() for k, v in model.state_dict().items()}
    with torch.no_grad():
        for i, (key, value) in enumerate(model.state_dict().items()):
            value.fill_(float(i))
            marked[float(i)] = key
    with tempfile.TemporaryDirectory() as folder:
        model.save_pretrained(folder)
        written = load_file(Path(folder) / "model.safetensors")
    names = {marked[float(v.flatten()[0])]: k for k, v in written.items()}
    model.load_state_dict(saved_values)
    return lambda key: names.get(key, key)


def vit():
    from transformers import ViTConfig, ViTForImageClassification

    config = ViTConfig(image_size=16, patch_size=4, hidden_size=24, num_hidden_layers=2, num_attention_heads=3, intermediate_size=48,
                       id2label={i: f"LABEL_{i}" for i in range(5)}, label2id={f"LABEL_{i}": i for i in range(5)})
    model = ViTForImageClassification(config)
    randomize(model, 1)
    write("vit", model, {**config.to_dict(), "architectures": ["ViTForImageClassification"]}, images(2, 16, 2), on_disk(model),
          lambda m, x: m(pixel_values=x).logits)
    model.zero_grad()
    write("vit_interpolated", model, {**config.to_dict(), "architectures": ["ViTForImageClassification"]}, images(2, 24, 3, width=20), on_disk(model),
          lambda m, x: m(pixel_values=x, interpolate_pos_encoding=True).logits)


def oblong():
    """Images of unequal sides, said as [height, width]."""
    import timm
    from transformers import DeiTConfig, DeiTForImageClassification, SwinConfig, SwinForImageClassification, ViTConfig, ViTForImageClassification

    labels = dict(id2label={i: f"LABEL_{i}" for i in range(5)}, label2id={f"LABEL_{i}": i for i in range(5)})
    shape = dict(image_size=[16, 24], patch_size=4, hidden_size=24, num_hidden_layers=2, num_attention_heads=3, intermediate_size=48, **labels)
    pictures = images(2, 16, 40, width=24)
    for name, model in {
        "vit_oblong": ViTForImageClassification(ViTConfig(**shape)),
        "deit_oblong": DeiTForImageClassification(DeiTConfig(**shape)),
        "swin_oblong": SwinForImageClassification(SwinConfig(image_size=[16, 24], patch_size=2, embed_dim=12, depths=[2, 2], num_heads=[2, 3],
                                                             window_size=4, use_absolute_embeddings=True, **labels)),
    }.items():
        randomize(model, 51)
        write(name, model, {**model.config.to_dict(), "architectures": [type(model).__name__]}, pictures, on_disk(model), lambda m, x: m(pixel_values=x).logits)
    timm_shape = dict(img_size=(16, 24), num_classes=5)
    arguments = dict(timm_shape, patch_size=4, embed_dim=24, depth=2, num_heads=3, mlp_ratio=2)
    model = timm.create_model("vit_base_patch16_224", **arguments)
    randomize(model, 42)
    write("timm_vit_oblong", model, {"architecture": "vit_base_patch16_224", "num_classes": 5, "model_args": arguments}, pictures)
    arguments = dict(timm_shape, patch_size=4, embed_dim=24, num_blocks=2, mlp_ratio=(0.5, 2))
    model = timm.models.mlp_mixer.MlpMixer(**arguments)
    randomize(model, 43)
    write("timm_mixer_oblong", model, {"num_classes": 5, "model_args": arguments}, pictures)


def deit():
    """With both heads, and as most fine-tuned ones are, with one (facebookresearch/deit#82, huggingface/transformers#17418)."""
    from transformers import DeiTConfig, DeiTForImageClassification, DeiTForImageClassificationWithTeacher

    config = DeiTConfig(image_size=16, patch_size=4, hidden_size=24, num_hidden_layers=2, num_attention_heads=3, intermediate_size=48,
                        id2label={i: f"LABEL_{i}" for i in range(5)}, label2id={f"LABEL_{i}": i for i in range(5)})
    model = DeiTForImageClassificationWithTeacher(config)
    randomize(model, 4)
    write("deit_distilled", model, {**config.to_dict(), "architectures": ["DeiTForImageClassificationWithTeacher"]}, images(2, 16, 5), on_disk(model),
          lambda m, x: m(pixel_values=x).logits)

    one = DeiTForImageClassification(config)
    randomize(one, 6)
    write("deit_one_head", one, {**config.to_dict(), "architectures": ["DeiTForImageClassification"]}, images(2, 16, 7), on_disk(one),
          lambda m, x: m(pixel_values=x).logits)


def timm_vit():
    import timm.models.vision_transformer as vt

    for name, extra in {"timm_vit": {}, "timm_vit_mean": {"global_pool": "avg", "class_token": True}}.items():
        args = dict(img_size=16, patch_size=4, depth=2, embed_dim=24, num_heads=3, num_classes=5, **extra)
        model = vt.VisionTransformer(**args)
        randomize(model, 6)
        write(name, model, args, images(2, 16, 7))


def curve(model, loss_of, steps=10):
    """Losses of ten steps of AdamW from the weights as they are. Leaves them changed."""
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=3e-3, weight_decay=0.05)
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        loss = loss_of(model)
        loss.backward()
        optimizer.step()
        losses.append(loss.detach())
    return torch.stack(losses)


def append(name, tensors):
    from safetensors.torch import load_file

    path = OUT / name / "golden.safetensors"
    save_file({**load_file(path), **{k: v.contiguous() for k, v in tensors.items()}}, path)


def mae():
    from transformers import ViTMAEConfig, ViTMAEForPreTraining

    for name, extra in {"mae": {}, "mae_norm_pix": {"norm_pix_loss": True}}.items():
        config = ViTMAEConfig(image_size=16, patch_size=4, hidden_size=24, num_hidden_layers=2, num_attention_heads=3, intermediate_size=48,
                              decoder_hidden_size=16, decoder_num_hidden_layers=2, decoder_num_attention_heads=2, decoder_intermediate_size=32, **extra)
        config._attn_implementation = "eager"
        model = ViTMAEForPreTraining(config)
        randomize(model, 8)
        model.eval()
        written = on_disk(model)
        # The hub's files say decoder_layers, transformers since 5.18 writes decoder_encoder.layer: one file of each.
        rename = lambda key: written(key).replace("decoder_encoder.layer.", "decoder_layers.")
        x = images(2, 16, 9)
        noise = torch.rand(2, 16, generator=torch.Generator().manual_seed(10))
        outputs = model(pixel_values=x, noise=noise, output_hidden_states=True, output_attentions=True)
        outputs.loss.backward()
        golden = {"pixel_values": x, "noise": noise, "logits": outputs.logits, "loss": outputs.loss, "mask": outputs.mask,
                  "ids_restore": outputs.ids_restore.to(torch.int32), "latent": model.vit(pixel_values=x, noise=noise).last_hidden_state,
                  "attention.0": outputs.attentions[0], "hidden.0": outputs.hidden_states[0], "hidden.1": outputs.hidden_states[1]}
        golden |= {"grad." + rename(k): p.grad for k, p in model.named_parameters() if p.grad is not None}
        folder = OUT / name
        folder.mkdir(parents=True, exist_ok=True)
        stored = {(rename if name == "mae" else written)(k): v.contiguous() for k, v in model.state_dict().items()}
        save_file(stored, folder / "model.safetensors", metadata={"format": "pt"})
        (folder / "config.json").write_text(json.dumps({**config.to_dict(), "architectures": ["ViTMAEForPreTraining"]}, indent=2, sort_keys=True) + "\n")
        golden["losses"] = curve(model, lambda m: m(pixel_values=x, noise=noise).loss)
        save_file({k: v.detach().contiguous() for k, v in golden.items()}, folder / "golden.safetensors")


def swin():
    from transformers import SwinConfig, SwinForImageClassification

    labels = dict(id2label={i: f"LABEL_{i}" for i in range(5)}, label2id={f"LABEL_{i}": i for i in range(5)})
    small = dict(image_size=32, patch_size=2, embed_dim=8, depths=[2, 2], num_heads=[2, 4], window_size=4, **labels)
    cases = {
        "swin": (small, images(2, 32, 12), False),
        # 27 x 37 pixels: 14 x 19 patches, 7 x 10, then 4 x 5, where one side fits in a window.
        "swin_padded": ({**small, "depths": [2, 2, 2], "num_heads": [1, 2, 4], "layer_norm_eps": 1e-3, "qkv_bias": False}, images(2, 27, 13, width=37), False),
        "swin_absolute": ({**small, "use_absolute_embeddings": True, "depths": [1, 2]}, images(2, 20, 14, width=24), True),
    }
    for name, (args, x, interpolate) in cases.items():
        config = SwinConfig(**args)
        model = SwinForImageClassification(config)
        randomize(model, 11)
        rename = on_disk(model)
        forward = lambda m, x: m(pixel_values=x, interpolate_pos_encoding=interpolate).logits
        write(name, model, {**config.to_dict(), "architectures": ["SwinForImageClassification"]}, x, rename, forward)
        if name == "swin":
            with torch.no_grad():
                model.config._attn_implementation = "eager"
                outputs = model(pixel_values=x, output_hidden_states=True, output_attentions=True)
            seen = {f"hidden.{i}": h for i, h in enumerate(outputs.hidden_states)} | {f"attention.{i}": a for i, a in enumerate(outputs.attentions)}
            seen["losses"] = curve(model, lambda m: cross_entropy(forward(m, x), torch.arange(2)))
            append(name, seen)


def timm_swin():
    import timm.models.swin_transformer as st

    cases = {
        "timm_swin": (dict(img_size=32, depths=(2, 2), num_heads=(2, 4)), images(2, 32, 16)),
        # 14 x 18 patches, 7 x 9, then 4 x 5, where the window is shifted to the right only.
        "timm_swin_padded": (dict(img_size=(28, 36), depths=(2, 2, 2), num_heads=(1, 2, 4)), images(2, 28, 17, width=36)),
    }
    for name, (case, x) in cases.items():
        args = dict(patch_size=2, embed_dim=8, window_size=4, num_classes=5, **case)
        model = st.SwinTransformer(**args)
        randomize(model, 15)
        write(name, model, args, x)


def timm_mixer():
    import timm.models.mlp_mixer as mm

    args = dict(img_size=16, patch_size=4, num_blocks=2, embed_dim=24, mlp_ratio=(0.5, 4.0), num_classes=5)
    model = mm.MlpMixer(**args)
    randomize(model, 18)
    x = images(2, 16, 19)
    write("timm_mixer", model, args, x)
    append("timm_mixer", {"losses": curve(model, lambda m: cross_entropy(m(x), torch.arange(2)))})


ALL = {f.__name__: f for f in (vit, oblong, deit, timm_vit, mae, swin, timm_swin, timm_mixer)}
if __name__ == "__main__":
    for name in sys.argv[1:] or ALL:
        ALL[name]()
