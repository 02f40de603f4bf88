"""Writes the keys that the reference libraries' own sources know in the files that say what a model is.

    python tools/reference/model_files.py   # transformers 5.24, timm 1.0.31, open_clip 3.3, peft 0.21.2

tools/test/known-keys.json gets a list a table, under the table's title.
"""
import inspect
import json
import re
from dataclasses import fields
from pathlib import Path

import open_clip.factory
import open_clip.model
import open_clip.transform
import peft
import transformers
from timm.models import _pretrained, mlp_mixer, swin_transformer, swin_transformer_v2, vision_transformer
from transformers.models.bert import modeling_bert
from transformers.models.clip import modeling_clip
from transformers.models.deit import modeling_deit
from transformers.models.dinov2 import modeling_dinov2
from transformers.models.dinov2_with_registers import modeling_dinov2_with_registers
from transformers.models.distilbert import modeling_distilbert
from transformers.models.electra import modeling_electra
from transformers.models.fnet import modeling_fnet
from transformers.models.m2m_100 import modeling_m2m_100
from transformers.models.marian import modeling_marian
from transformers.models.modernbert import modeling_modernbert
from transformers.models.mpnet import modeling_mpnet
from transformers.models.roberta import modeling_roberta
from transformers.models.swin import modeling_swin
from transformers.models.swinv2 import modeling_swinv2
from transformers.models.vit import modeling_vit
from transformers.models.vit_mae import modeling_vit_mae
from transformers.models.vit_msn import modeling_vit_msn


def popped(function):
    """Keys that a function takes out of its keyword arguments."""
    return re.findall(r'kwargs\.(?:pop|get)\("(\w+)"', inspect.getsource(function))


ALL = popped(transformers.PreTrainedConfig.__post_init__) + list(transformers.GenerationConfig._get_default_generation_params())


def config(*parts):
    """What `config.json` may hold: the class's fields, what it is saved with, old names of fields, what the model's code asks for; and what all classes share."""
    found = set(ALL)
    for part in parts:
        if inspect.ismodule(part):
            found |= set(re.findall(r"config\.(\w+)", inspect.getsource(part)))
            found -= {"get", "is_composition"}
        else:
            found |= {field.name for field in fields(part)} | set(part.attribute_map) | set(popped(part.__post_init__)) | set(part().to_dict())
    return sorted(found - {"use_return_dict"})


def arguments(*functions):
    found = {name for one in functions for name in inspect.signature(one).parameters}
    return sorted(found - {"self", "args", "kwargs"})


def names(kind):
    return sorted(field.name for field in fields(kind))


root = set(re.findall(r"hf_config\['(\w+)'\]", inspect.getsource(__import__("timm.models._hub", fromlist=["_"]).save_config_for_hf)))
timm = sorted(root | {"pretrained_cfg", "model_args"})
vit = arguments(vision_transformer.VisionTransformer)
known = {
    "config.json of BERT": config(transformers.BertConfig, modeling_bert),
    "config.json of RoBERTa": config(transformers.RobertaConfig, transformers.XLMRobertaConfig, transformers.CamembertConfig, modeling_roberta),
    "config.json of DistilBERT": config(transformers.DistilBertConfig, modeling_distilbert),
    "config.json of MPNet": config(transformers.MPNetConfig, modeling_mpnet),
    "config.json of ModernBERT": config(transformers.ModernBertConfig, modeling_modernbert),
    "config.json of ELECTRA": config(transformers.ElectraConfig, modeling_electra),
    "config.json of FNet": config(transformers.FNetConfig, modeling_fnet),
    "config.json of M2M-100": config(transformers.M2M100Config, modeling_m2m_100),
    "config.json of Marian": config(transformers.MarianConfig, modeling_marian),
    "config.json of ViT, DeiT, MSN and DINOv2": config(
        transformers.ViTConfig, modeling_vit, transformers.DeiTConfig, modeling_deit, transformers.ViTMSNConfig, modeling_vit_msn,
        transformers.Dinov2Config, modeling_dinov2, transformers.Dinov2WithRegistersConfig, modeling_dinov2_with_registers,
    ),
    "config.json of MAE": config(transformers.ViTMAEConfig, modeling_vit_mae),
    "config.json of Swin": config(transformers.SwinConfig, modeling_swin),
    "config.json of Swin V2": config(transformers.Swinv2Config, modeling_swinv2),
    "config.json of CLIP": config(transformers.CLIPConfig),
    "config.json of CLIP: text_config": config(transformers.CLIPTextConfig),
    "config.json of CLIP: vision_config": config(transformers.CLIPVisionConfig),
    "config.json of SigLIP": config(transformers.SiglipConfig),
    "config.json of SigLIP: text_config": config(transformers.SiglipTextConfig),
    "config.json of SigLIP: vision_config": config(transformers.SiglipVisionConfig),
    "config.json of timm's ViT": timm,
    "model_args of timm's ViT": vit,
    "pretrained_cfg of timm's ViT": names(_pretrained.PretrainedCfg),
    "config.json of timm's Swin, and Microsoft's": timm,
    "model_args of timm's Swin, and Microsoft's": arguments(swin_transformer.SwinTransformer),
    "config.json of timm's Swin V2, and Microsoft's": timm,
    "model_args of timm's Swin V2, and Microsoft's": arguments(swin_transformer_v2.SwinTransformerV2),
    "config.json of timm's MLP-Mixer": timm,
    "model_args of timm's MLP-Mixer": arguments(mlp_mixer.MlpMixer),
    "open_clip_config.json": ["model_cfg", "preprocess_cfg"],
    "open_clip_config.json: model_cfg": arguments(open_clip.model.CLIP, open_clip.model.CustomTextCLIP) + re.findall(r"model_cfg\.pop\('(\w+)'", inspect.getsource(open_clip.factory)),
    "open_clip_config.json: vision_cfg": names(open_clip.model.CLIPVisionCfg),
    "open_clip_config.json: text_cfg": names(open_clip.model.CLIPTextCfg),
    "open_clip_config.json: preprocess_cfg": names(open_clip.transform.PreprocessCfg),
    "open_clip_config.json of SigLIP: model_cfg": arguments(open_clip.model.CustomTextCLIP) + ["custom_text"],
    "open_clip_config.json of SigLIP: vision_cfg": names(open_clip.model.CLIPVisionCfg),
    "open_clip_config.json of SigLIP: text_cfg": names(open_clip.model.CLIPTextCfg),
    "adapter_config.json": names(peft.LoraConfig),
}  # fmt: skip
processors = [getattr(transformers, f"{name}ImageProcessor") for name in ("ViT", "DeiT", "CLIP", "ChineseCLIP", "ConvNext", "Bit", "Siglip", "Beit")]
known["preprocessor_config.json"] = [key for one in processors for key in [*one().to_dict(), *one.valid_kwargs.__annotations__]]
path = Path(__file__).parents[1] / "test/known-keys.json"
lines = ",\n".join(f" {json.dumps(title)}: {json.dumps(sorted(set(keys)))}" for title, keys in known.items())
path.write_text(f"{{\n{lines}\n}}\n")
