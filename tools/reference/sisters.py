"""Writes random sisters of the published models, each with sizes and settings drawn anew, and what the reference makes of them, for `pnpm parity`.

    python tools/reference/sisters.py folder [count of each kind] [seed]   # torch, transformers 5.24, timm

Nothing that it writes is committed. A folder has `config.json`, `model.safetensors` and `io.json`, as tools/reference/README.md says of fixtures; weights are
far from their beginnings, so that no part is an identity.
"""
import json
import random
import sys
from pathlib import Path

import timm
import torch
import transformers as hf
from timm.models import save_for_hf

OUT, COUNT, SEED = Path(sys.argv[1]), int(sys.argv[2] if len(sys.argv) > 2 else 4), int(sys.argv[3] if len(sys.argv) > 3 else 0)
pick, draw = random.choice, random.randint
ACTIVATIONS = ["gelu", "relu", "gelu_new", "gelu_pytorch_tanh", "silu", "quick_gelu", "gelu_fast"]


def stirred(model, seed):
    """The model with weights of order 1 / √fan-in, and norms, biases and scales that aren't 1 and 0, to compute with in float64."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, value in model.named_parameters():
            noise = torch.randn(value.shape, generator=generator)
            if value.dim() > 1 and "logit_scale" not in name:
                value.copy_(noise * (value.shape[-1] if value.dim() == 2 else value[0].numel()) ** -0.5)
            else:
                value.add_(0.2 * noise)
        for name, value in model.named_buffers():
            if "running_var" in name:
                value.add_(0.2)
    return model.double().eval()


def tensor(value):
    kind = str(value.dtype).replace("torch.", "").replace("float64", "float32")
    data = value.reshape(-1).tolist()
    return {"shape": list(value.shape), "dtype": kind, "data": [round(x, 7) for x in data] if value.is_floating_point() else data}


def write(name, model, io, save=None):
    folder = OUT / name
    folder.mkdir(parents=True, exist_ok=True)
    model.float()
    save(folder) if save else model.save_pretrained(folder)
    (folder / "io.json").write_text(json.dumps({key: tensor(value.detach()) for key, value in io.items() if value is not None}))


def layers():
    heads = draw(1, 5)
    return heads, heads * pick([4, 6, 8, 10]), draw(1, 4), draw(9, 70)


# Texts

def text_inputs(vocab, pad, longest, types=0):
    length = draw(3, longest)
    ids = torch.randint(0, vocab, (3, length))
    ids[ids == pad] = (pad + 1) % vocab
    mask = torch.ones(3, length, dtype=torch.long)
    mask[1, draw(1, length) :] = 0
    mask[2, draw(1, length) :] = 0
    inputs = {"input_ids": torch.where(mask == 1, ids, pad), "attention_mask": mask}
    if types > 1 and draw(0, 1):
        inputs["token_type_ids"] = torch.randint(0, types, (3, length))
    return inputs


KINDS = {
    "Bert": (hf.BertConfig, ["ForPreTraining", "ForMaskedLM", "ForNextSentencePrediction"]),
    "Roberta": (hf.RobertaConfig, ["ForMaskedLM"]),
    "XLMRoberta": (hf.XLMRobertaConfig, ["ForMaskedLM"]),
    "Camembert": (hf.CamembertConfig, ["ForMaskedLM"]),
    "DistilBert": (hf.DistilBertConfig, ["ForMaskedLM"]),
    "MPNet": (hf.MPNetConfig, ["ForMaskedLM"]),
    "Electra": (hf.ElectraConfig, ["ForPreTraining", "ForMaskedLM"]),
    "ModernBert": (hf.ModernBertConfig, ["ForMaskedLM"]),
    "FNet": (hf.FNetConfig, ["ForPreTraining", "ForMaskedLM", "ForNextSentencePrediction"]),
}
HEADS = ["Model", "ForSequenceClassification", "ForTokenClassification", "ForQuestionAnswering"]


def text(kind, n):
    config_class, own = KINDS[kind]
    head = (own + HEADS)[n % (len(own) + len(HEADS))] if n < 7 else pick(own + HEADS)
    heads, width, depth, inner = layers()
    vocab = draw(30, 90)
    pad = pick([0, 1, 2, 3, vocab - 1])
    if kind == "FNet":
        pad = 3
    longest = draw(10, 40)
    said = dict(vocab_size=vocab, hidden_size=width, num_hidden_layers=depth, num_attention_heads=heads, intermediate_size=inner,
                max_position_embeddings=longest + (pad + 1 if kind in ("Roberta", "XLMRoberta", "Camembert") else 2 if kind == "MPNet" else 0),
                hidden_act=pick(ACTIVATIONS), layer_norm_eps=pick([1e-12, 1e-5, 1e-7, 1e-3]), pad_token_id=pad, type_vocab_size=pick([1, 2, 3]),
                tie_word_embeddings=pick([True, True, False]))  # fmt: skip
    if kind == "DistilBert":
        renamed = {"hidden_size": "dim", "num_hidden_layers": "n_layers", "num_attention_heads": "n_heads", "intermediate_size": "hidden_dim", "hidden_act": "activation"}
        said = {renamed.get(key, key): value for key, value in said.items() if key not in ("layer_norm_eps", "type_vocab_size")}
        said["sinusoidal_pos_embds"] = pick([True, False])
    if kind == "Electra":
        said.update(embedding_size=pick([width, 12, 20]), summary_activation=pick(["gelu", "relu", "tanh"]))
    if kind == "MPNet":
        said.update(relative_attention_num_buckets=32)
        said.pop("type_vocab_size")
    if kind == "FNet":
        said = {key: value for key, value in said.items() if key != "num_attention_heads"}
    if kind == "ModernBert":
        per_head = pick([4, 8, 12])
        said = {key: value for key, value in said.items() if key != "type_vocab_size"}
        said["hidden_activation"], said["norm_eps"] = said.pop("hidden_act"), said.pop("layer_norm_eps")
        said.update(hidden_size=heads * per_head, num_hidden_layers=draw(1, 6), local_attention=pick([2, 3, 4, 6, 7, 64]), norm_bias=pick([True, False]),
                    attention_bias=pick([True, False]), mlp_bias=pick([True, False]), decoder_bias=pick([True, False]), classifier_bias=pick([True, False]),
                    classifier_pooling=pick(["cls", "mean"]), classifier_activation=pick(["gelu", "relu", "silu"]), max_position_embeddings=64,
                    bos_token_id=0, eos_token_id=2, cls_token_id=0, sep_token_id=2)  # fmt: skip
        said.update(pick([{}, {"global_attn_every_n_layers": draw(1, 4)}, {"layer_types": [pick(["full_attention", "sliding_attention"]) for _ in range(said["num_hidden_layers"])]}]))
        said.update(pick([{}, {"global_rope_theta": 5000.0, "local_rope_theta": 123.0},
                          {"rope_parameters": {"full_attention": {"rope_type": "default", "rope_theta": 777.0}, "sliding_attention": {"rope_type": "default", "rope_theta": 55.0}}}]))  # fmt: skip
        longest = 20
    labels = {}
    inputs = text_inputs(vocab, pad, min(longest, 24), said.get("type_vocab_size", 0))
    if kind == "FNet":
        inputs.pop("attention_mask")
        said["use_tpu_fourier_optimizations"] = False
    rows, length = inputs["input_ids"].shape
    if head in ("ForSequenceClassification", "ForTokenClassification"):
        said["num_labels"] = draw(1, 6)
    if head == "ForSequenceClassification":
        said["problem_type"] = pick(["regression", "single_label_classification", "multi_label_classification"])
        if said["problem_type"] == "regression":
            said["num_labels"] = 1
            labels["labels"] = torch.randn(rows).double()
        elif said["problem_type"] == "multi_label_classification":
            labels["labels"] = torch.randint(0, 2, (rows, said["num_labels"])).double()
        else:
            said["num_labels"] += 1
            labels["labels"] = torch.randint(0, said["num_labels"], (rows,))
    elif head == "ForQuestionAnswering":
        labels = {"start_positions": torch.randint(0, length, (rows,)), "end_positions": torch.randint(0, length, (rows,))}
    elif head == "ForTokenClassification" or (head == "ForMaskedLM" and kind != "ModernBert"):
        labels["labels"] = torch.randint(0, said["num_labels"] if head == "ForTokenClassification" else vocab, (rows, length))
        labels["labels"][torch.rand(rows, length) < 0.4] = -100
        labels["labels"][0, 0] = 0
    elif head == "ForPreTraining" and kind == "Electra":
        labels["labels"] = torch.randint(0, 2, (rows, length))
    config = config_class(**said)
    if kind == "ModernBert":
        config._attn_implementation = "eager"  # sdpa gives zeros where padding sees nothing, eager the mean: as goldens have it
    model = stirred(getattr(hf, kind + head)(config), n)
    with torch.no_grad():
        out = model(**inputs, **labels, output_hidden_states=True)
    io = {**inputs, **labels}
    names = {"loss": "loss", "logits": "logits", "start_logits": "start_logits", "end_logits": "end_logits", "prediction_logits": "prediction_logits",
             "seq_relationship_logits": "seq_relationship_logits", "pooler_output": "pooler_output"}  # fmt: skip
    io.update({name: getattr(out, name) for name in names if getattr(out, name, None) is not None})
    base = model if head == "Model" else model.base_model
    with torch.no_grad():
        io["last_hidden_state"] = base(**inputs).last_hidden_state
    if len(out.hidden_states) > 2:
        io["hidden1"] = out.hidden_states[1]
    write(f"{kind.lower()}_{n}_{head.lower()}", model, io)


# Translation

def m2m(n):
    heads, width, depth, inner = layers()
    width += width % 2
    while width % heads or width % 2:
        width += 1
    vocab, pad, bos, eos = draw(35, 70), 1, 0, 2
    config = hf.M2M100Config(vocab_size=vocab, d_model=width, encoder_layers=draw(1, 3), decoder_layers=draw(1, 3), encoder_attention_heads=heads, decoder_attention_heads=heads,
                             encoder_ffn_dim=inner, decoder_ffn_dim=draw(8, 40), max_position_embeddings=draw(16, 60), activation_function=pick(["relu", "gelu", "silu", "gelu_new"]),
                             scale_embedding=pick([True, False]), pad_token_id=pad, bos_token_id=bos, eos_token_id=eos, tie_word_embeddings=pick([True, False]))  # fmt: skip
    model = stirred(hf.M2M100ForConditionalGeneration(config), n)
    model.tie_weights()
    generation = {}
    if draw(0, 1):
        generation = {"forced_bos_token_id": draw(3, vocab - 1), "max_length": draw(10, 18), "num_beams": pick([1, 2, 4]), "length_penalty": pick([0.5, 1.0, 1.7]),
                      "early_stopping": pick([True, False]), "repetition_penalty": pick([1.0, 1.4]), "no_repeat_ngram_size": pick([0, 2]), "bad_words_ids": pick([None, [[7], [8, 9]]])}  # fmt: skip
        if generation["num_beams"] == 1:
            del generation["length_penalty"], generation["early_stopping"]
        for key, value in generation.items():
            setattr(model.generation_config, key, value)
    inputs = text_inputs(vocab, pad, 12)
    rows = inputs["input_ids"].shape[0]
    labels = torch.randint(3, vocab, (rows, draw(2, 7)))
    labels[1, -1] = -100
    io = {**inputs, "labels": labels}
    with torch.no_grad():
        out = model(**inputs, labels=labels)
        io.update(loss=out.loss, logits=out.logits, encoder_last=out.encoder_last_hidden_state)
        generated = lambda **said: model.generate(**inputs, return_dict_in_generate=True, output_scores=True, **said)  # noqa: E731
        to = draw(3, vocab - 1)
        if generation:
            io["generated"] = generated().sequences
        else:
            io[f"greedy_to_{to}"] = generated(forced_bos_token_id=to, max_length=11, num_beams=1).sequences
            beams = generated(forced_bos_token_id=to, max_length=11, num_beams=3, repetition_penalty=1.2, no_repeat_ngram_size=2, min_new_tokens=5)
            io[f"beam3_rp1.2_nr2_min5_to_{to}"], io[f"beam3_rp1.2_nr2_min5_to_{to}_score"] = beams.sequences, beams.sequences_scores
    write(f"m2m_{n}", model, io)


# Pictures

def pictures(channels, height, width):
    return torch.randn(2, channels, height, width).double()


def vit(n):
    kind = pick(["ViT", "DeiT", "ViTMSN", "Dinov2", "Dinov2WithRegisters", "DeiTTeacher"])
    heads, width, depth, inner = layers()
    patch = pick([2, 3, 4, 5])
    size = patch * draw(2, 6) + (draw(0, patch - 1) if kind.startswith("Dinov2") else 0)
    said = dict(hidden_size=width, num_hidden_layers=depth, num_attention_heads=heads, image_size=size, patch_size=patch, num_channels=pick([1, 3, 4]), hidden_act=pick(ACTIVATIONS),
                layer_norm_eps=pick([1e-12, 1e-6, 1e-4]), qkv_bias=pick([True, True, False]), num_labels=pick([1, 3, 7]))  # fmt: skip
    if kind.startswith("Dinov2"):
        said.update(mlp_ratio=pick([1, 2, 3, 4]), use_swiglu_ffn=pick([True, False]), layerscale_value=pick([1.0, 0.1]))
        if kind != "Dinov2":
            said["num_register_tokens"] = pick([1, 2, 4, 7])
    else:
        said["intermediate_size"] = inner
    head = pick(["ForImageClassification", "ForImageClassification", "Model"])
    if kind == "DeiTTeacher":
        kind, head = "DeiT", "ForImageClassificationWithTeacher"
    config = getattr(hf, f"{kind}Config")(**said)
    model = stirred(getattr(hf, kind + head)(config), n)
    io = {"pixel_values": pictures(said["num_channels"], size, size)}
    other = pictures(said["num_channels"], patch * draw(2, 7), patch * draw(2, 7))
    key = f"{other.shape[2]}x{other.shape[3]}"
    io[f"pixel_values_{key}"] = other
    with torch.no_grad():
        for ending, x, more in (("", io["pixel_values"], {}), (f"_{key}", other, {} if kind.startswith("Dinov2") else {"interpolate_pos_encoding": True})):
            out = model(pixel_values=x, **more)
            base = model if head == "Model" else model.base_model
            hidden = base(pixel_values=x, **more)
            io[f"last_hidden_state{ending}"] = hidden.last_hidden_state
            if kind.startswith("Dinov2"):
                io[f"pooler_output{ending}"] = hidden.pooler_output
            if head != "Model":
                io[f"logits{ending}"] = out.logits
    write(f"{kind.lower()}_{n}", model, io)


def swin(n, name="Swinv2"):
    stages = draw(1, 3)
    first = pick([1, 2, 3])
    patch, window = pick([2, 3, 4]), pick([2, 3, 4, 5])
    grid = draw(4, 9) * 2 ** (stages - 1)
    said = dict(image_size=patch * grid, patch_size=patch, num_channels=pick([1, 3]), embed_dim=first * pick([4, 6, 8]), depths=[draw(1, 3) for _ in range(stages)],
                num_heads=[first * 2**s for s in range(stages)], window_size=window, mlp_ratio=pick([1.0, 2.0, 3.5, 4.0]), qkv_bias=pick([True, True, False]),
                hidden_act=pick(ACTIVATIONS), use_absolute_embeddings=name == "Swin" and pick([False, True]), layer_norm_eps=pick([1e-5, 1e-3]), num_labels=pick([2, 5]))  # fmt: skip
    if name == "Swinv2":
        said["pretrained_window_sizes"] = pick([[0] * stages, [draw(2, 6) for _ in range(stages)], [pick([0, 3, 6]) for _ in range(stages)]])
    config = getattr(hf, f"{name}Config")(**said)
    model = stirred(getattr(hf, f"{name}ForImageClassification")(config), n)
    io = {"pixel_values": pictures(said["num_channels"], patch * grid, patch * grid)}
    with torch.no_grad():
        out, base = model(**io), model.base_model(**io)
    io.update(logits=out.logits, last_hidden_state=base.last_hidden_state, pooler_output=base.pooler_output)
    other = pictures(said["num_channels"], patch * grid + draw(0, 9), patch * grid + draw(1, 12))
    if not said["use_absolute_embeddings"]:
        key = f"{other.shape[2]}x{other.shape[3]}"
        try:
            with torch.no_grad():
                io.update({f"logits_{key}": model(pixel_values=other).logits, f"pixel_values_{key}": other})
        except RuntimeError as problem:  # of maps smaller than a window it makes smaller windows, but not their biases
            print("the reference itself fails:", name, said, other.shape, problem)
    write(f"{name.lower()}_{n}", model, io)


def timm_config(folder, model, architecture, args, size, classes):
    save_for_hf(model, folder, model_args=args, safe_serialization=True)


TIMM = ["vit_base_patch16_224", "vit_base_patch16_clip_224", "vit_base_patch16_clip_quickgelu_224", "vit_small_patch14_dinov2", "vit_small_patch14_reg4_dinov2",
        "vit_base_patch16_siglip_224", "vit_so400m_patch14_siglip_gap_224", "vit_medium_patch16_reg1_gap_256", "deit3_small_patch16_224", "vit_base_patch16_siglip_512",
        "deit_small_distilled_patch16_224", "vit_little_patch16_reg4_gap_256", "vit_giant_patch14_dinov2", "vit_base_patch16_18x2_224", "vit_base_patch8_224", "vit_gigantic_patch14_clip_224"]  # fmt: skip


def timm_vit(n):
    architecture = TIMM[n % len(TIMM)]
    heads, width, depth, _ = layers()
    patch = pick([2, 3, 4])
    size = patch * draw(2, 6)
    args = dict(img_size=size, patch_size=patch, embed_dim=width, depth=depth, num_heads=heads)
    if "distilled" not in architecture:
        args.update(pick([{}, {}, {"class_token": False, "global_pool": "avg"}, {"global_pool": "avg"}, {"init_values": 0.1}, {"reg_tokens": 3}, {"qkv_bias": False}, {"pre_norm": True},
                          {"mlp_ratio": 2.5} if "giant" not in architecture else {}, {"no_embed_class": True}, {"fc_norm": True}, {"act_layer": "relu"}, {"qk_norm": True}, {"class_token": False, "global_pool": "map"}, {"pos_embed": "none"},
                          {"final_norm": False}, {"global_pool": "max"}, {"global_pool": "avgmax"}, {"scale_mlp_norm": True}, {"scale_attn_norm": True}, {"proj_bias": False}, {"pool_include_prefix": True, "global_pool": "avg"}, {"dynamic_img_size": True}]))  # fmt: skip
    finish(n, architecture, args, size)


def timm_swin(n):
    stages = draw(1, 3)
    v2 = pick([True, True, False])
    architecture = "swinv2_tiny_window8_256" if v2 else "swin_tiny_patch4_window7_224"
    patch, first = pick([2, 4]), pick([1, 2, 3])
    size = patch * draw(3, 8) * 2 ** (stages - 1)
    args = dict(img_size=size, patch_size=patch, embed_dim=first * 8, depths=[draw(1, 3) for _ in range(stages)], num_heads=[first * 2**s for s in range(stages)], window_size=draw(2, 5))
    args.update(pick([{}, {"mlp_ratio": 2.0}, {"qkv_bias": False}, {"always_partition": True}, {"pretrained_window_sizes": [draw(2, 6) for _ in range(stages)]} if v2 else {}]))
    finish(n, architecture, args, size)


def finish(n, architecture, args, size):
    classes = pick([0, 3, 6]) if "distilled" not in architecture else 3
    try:
        model = stirred(timm.create_model(architecture, num_classes=classes, **args), n)
    except (TypeError, AssertionError, AttributeError, RuntimeError) as problem:
        print("timm itself refuses", architecture, args, str(problem)[:90])
        return
    io = {"x": pictures(3, size, size)}
    with torch.no_grad():
        io["features"] = model.forward_features(io["x"])
        io["logits"] = model(io["x"])
    model.pretrained_cfg = {**model.pretrained_cfg, "input_size": (3, size, size)}
    write(f"timm_{architecture}_{n}", model, io, lambda folder: save_for_hf(model, folder, model_args=args, safe_serialization=True))


def siglip(n):
    heads, width, depth, inner = layers()
    patch = pick([2, 3, 4])
    size = patch * draw(2, 6)
    text_width = pick([width, width, heads * 6])
    longest = draw(4, 12)
    act = pick(ACTIVATIONS)
    config = hf.SiglipConfig(
        text_config=dict(vocab_size=60, hidden_size=text_width, intermediate_size=inner + 3, num_hidden_layers=draw(1, 3), num_attention_heads=heads, max_position_embeddings=longest,
                         hidden_act=act, projection_size=width, pad_token_id=1, bos_token_id=2, eos_token_id=3, layer_norm_eps=pick([1e-6, 1e-4])),
        vision_config=dict(hidden_size=width, intermediate_size=inner, num_hidden_layers=depth, num_attention_heads=heads, num_channels=pick([1, 3]), image_size=size, patch_size=patch,
                           hidden_act=act, layer_norm_eps=pick([1e-6, 1e-4])))  # fmt: skip
    model = stirred(hf.SiglipModel(config), n)
    inputs = {"input_ids": torch.randint(0, 60, (3, longest)), "pixel_values": torch.randn(3, config.vision_config.num_channels, size, size).double()}
    if draw(0, 1):
        inputs["attention_mask"] = torch.ones(3, longest, dtype=torch.long)
        inputs["attention_mask"][1, 2:] = 0
    with torch.no_grad():
        out = model(**inputs, return_loss=True)
    write(f"siglip_{n}", model, {**inputs, "logits_per_image": out.logits_per_image, "logits_per_text": out.logits_per_text, "loss": out.loss, "text_embeds": out.text_embeds,
          "image_embeds": out.image_embeds, "vision_last": out.vision_model_output.last_hidden_state, "vision_pooled": out.vision_model_output.pooler_output,
          "text_last": out.text_model_output.last_hidden_state, "text_pooled": out.text_model_output.pooler_output})  # fmt: skip


ALL = [*(lambda n, kind=kind: text(kind, n) for kind in KINDS), m2m, vit, swin, lambda n: swin(n, "Swin"), timm_vit, timm_swin, siglip]
first = int(sys.argv[4]) if len(sys.argv) > 4 else 0
for row, make in list(enumerate(ALL))[first:]:
    for n in range(COUNT):
        random.seed(f"{SEED} {row} {n}")
        torch.manual_seed(hash((SEED, row, n)) % 2**31)
        make(n + SEED)
