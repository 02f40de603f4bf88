"""Models whose output layer for words has weights of its own although config.json doesn't say so: what Hugging Face's library makes of them.

Writes packages/models-nlp/golden/untied: a folder a model_type, and expected.json with the logits of one text.
"""

import json
import shutil
from pathlib import Path

import torch
import transformers
from safetensors.torch import load_file, save_file

out = Path(__file__).parents[2] / "packages/models-nlp/golden/untied"
sizes = dict(vocab_size=40, hidden_size=8, num_hidden_layers=1, num_attention_heads=2, intermediate_size=12, max_position_embeddings=16, type_vocab_size=2, pad_token_id=0)
distil = dict(vocab_size=40, dim=8, n_layers=1, n_heads=2, hidden_dim=12, max_position_embeddings=16, pad_token_id=0)
marian = dict(vocab_size=40, d_model=8, encoder_layers=1, decoder_layers=1, encoder_attention_heads=2, decoder_attention_heads=2, encoder_ffn_dim=12, decoder_ffn_dim=12, max_position_embeddings=16, pad_token_id=39, decoder_start_token_id=39, eos_token_id=0, scale_embedding=True)
# the output layer's own weight and bias
kinds = {
    "bert": (transformers.BertConfig(**sizes), transformers.BertForMaskedLM, "cls.predictions.decoder"),
    "fnet": (transformers.FNetConfig(**sizes), transformers.FNetForMaskedLM, "cls.predictions.decoder"),
    "roberta": (transformers.RobertaConfig(**sizes), transformers.RobertaForMaskedLM, "lm_head.decoder"),
    "mpnet": (transformers.MPNetConfig(**sizes), transformers.MPNetForMaskedLM, "lm_head.decoder"),
    "distilbert": (transformers.DistilBertConfig(**distil), transformers.DistilBertForMaskedLM, "vocab_projector"),
    "electra": (transformers.ElectraConfig(**sizes, embedding_size=8), transformers.ElectraForMaskedLM, "generator_lm_head"),
    "marian": (transformers.MarianConfig(**marian), transformers.MarianMTModel, "lm_head"),
    "m2m_100": (transformers.M2M100Config(**{**marian, "pad_token_id": 1}), transformers.M2M100ForConditionalGeneration, "lm_head"),
}
translators = ("marian", "m2m_100")
ids = torch.tensor([[2, 8, 4, 12, 3]])

shutil.rmtree(out, ignore_errors=True)
expected = {"input_ids": ids[0].tolist(), "logits": {}}
for kind, (config, Model, output) in kinds.items():
    torch.manual_seed(0)
    folder = out / kind
    model = Model(config)
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    model.save_pretrained(folder)
    weights = load_file(folder / "model.safetensors")
    weights[f"{output}.weight"] = torch.randn(40, 8)
    if kind in translators:
        weights["model.encoder.embed_tokens.weight"] = torch.randn(40, 8)
    else:
        weights[f"{output}.bias"] = torch.randn(40)
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    said = json.loads((folder / "config.json").read_text())
    said.pop("tie_word_embeddings", None)
    (folder / "config.json").write_text(json.dumps(said, indent=1) + "\n")
    (folder / "generation_config.json").unlink(missing_ok=True)
    model = Model.from_pretrained(folder).eval()
    with torch.no_grad():
        logits = model(ids, decoder_input_ids=ids).logits if kind in translators else model(ids).logits
    expected["logits"][kind] = [round(float(x), 6) for x in logits[0, -1]]
(out / "expected.json").write_text(json.dumps(expected) + "\n")
