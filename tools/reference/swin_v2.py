"""Writes tiny Swin V2s as vision.py does.

    python tools/reference/swin_v2.py
"""
import timm
import torch

from vision import images, on_disk, randomize, write

LABELS = dict(id2label={i: f"LABEL_{i}" for i in range(5)}, label2id={f"LABEL_{i}": i for i in range(5)})


def randomized(model, seed):
    """The kinks of the network for position biases lie where no small step reaches them: half of its relus are always open, half never."""
    randomize(model, seed)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name.endswith(("continuous_position_bias_mlp.0.bias", "cpb_mlp.0.bias")):
                parameter.copy_(0.5 * parameter.sign())
            if name.endswith(("continuous_position_bias_mlp.0.weight", "cpb_mlp.0.weight")):
                parameter.mul_(0.3)


def hugging_face():
    from transformers import Swinv2Config, Swinv2ForImageClassification

    small = dict(image_size=32, patch_size=2, embed_dim=8, depths=[2, 2], num_heads=[2, 4], window_size=4, **LABELS)
    cases = {
        "swin_v2": (small, images(2, 32, 52)),
        # 27 x 37 pixels: 14 x 19 patches, then 7 x 10, in windows of 6 that were trained as 4, and of 3; no biases.
        "swin_v2_padded": ({**small, "image_size": 24, "window_size": 6, "pretrained_window_sizes": [4, 2], "qkv_bias": False}, images(2, 27, 53, width=37)),
        # 4 x 12 patches, in windows of the height; then 2 x 6.
        "swin_v2_oblong": ({**small, "image_size": [8, 24]}, images(2, 8, 57, width=24)),
    }
    for name, (args, x) in cases.items():
        config = Swinv2Config(**args)
        model = Swinv2ForImageClassification(config)
        randomized(model, 51)
        write(name, model, {**config.to_dict(), "architectures": ["Swinv2ForImageClassification"]}, x, on_disk(model), lambda m, x: m(pixel_values=x).logits)


def of_timm():
    shape = dict(img_size=28, patch_size=2, embed_dim=8, depths=(2, 2), num_heads=(1, 2))
    cases = {
        # 14 x 14 patches in windows of 4, then 7 x 7: padded behind the shift.
        "timm_swin_v2": ("swinv2_base_window12to16_192to256", dict(window_size=4, pretrained_window_sizes=(3, 2)), images(2, 28, 55)),
        # 7 x 7 patches in windows of 8.
        "timm_swin_v2_partitioned": ("swinv2_tiny_window8_256", dict(always_partition=True), images(2, 28, 56)),
        # 8 x 12 patches in windows of 6, then 4 x 6 in windows of 4 x 6.
        "timm_swin_v2_oblong": ("swinv2_tiny_window8_256", dict(img_size=(16, 24), window_size=6), images(2, 16, 58, width=24)),
    }
    for name, (architecture, args, x) in cases.items():
        model_args = {**shape, **args}
        model = timm.create_model(architecture, num_classes=5, **model_args)
        randomized(model, 54)
        settings = {"input_size": list(x.shape[1:]), "num_classes": 5, "interpolation": "bicubic", "crop_pct": 0.9, "crop_mode": "center",
                    "mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5]}
        write(name, model, {"architecture": architecture, "num_classes": 5, "num_features": 16, "model_args": model_args, "pretrained_cfg": settings}, x)


if __name__ == "__main__":
    torch.manual_seed(0)
    hugging_face()
    of_timm()
