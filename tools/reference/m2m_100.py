"""Writes a tiny M2M-100 of random weights with Hugging Face's own outputs, loss and gradients, and what it writes in many settings.

    python tools/reference/m2m_100.py   # torch, transformers 5.24

packages/models-nlp/golden/m2m_100/: as bert.py has it, `losses` too, and generation.json: options as `generate` has them here, token ids and scores.
"""
import json

import torch
from bert import OUT, build, write
from transformers import M2M100Config, M2M100ForConditionalGeneration

CONFIG = dict(vocab_size=40, d_model=12, encoder_layers=2, decoder_layers=2, encoder_attention_heads=2, decoder_attention_heads=3, encoder_ffn_dim=16,
              decoder_ffn_dim=20, max_position_embeddings=32, dropout=0.0, attention_dropout=0.0)  # fmt: skip
generator = torch.Generator().manual_seed(4)
ids = torch.randint(4, 36, (2, 7), generator=generator)
mask = torch.ones(2, 7, dtype=torch.long)
mask[1, 5:] = 0
inputs = {"input_ids": torch.where(mask == 1, ids, 1), "attention_mask": mask}
labels = torch.randint(3, 36, (2, 6), generator=generator)
labels[:, 0] = 37
labels[1, 4:] = -100
write("m2m_100", M2M100ForConditionalGeneration, M2M100Config(**CONFIG, activation_function="gelu"), 7, inputs, {"labels": labels},
      lambda _, out: {"logits": out.logits, "memory": out.encoder_last_hidden_state}, curved=True)  # fmt: skip

write("m2m_100_untied", M2M100ForConditionalGeneration, M2M100Config(**CONFIG, tie_word_embeddings=False), 8, inputs, {"labels": labels},
      lambda _, out: {"logits": out.logits, "memory": out.encoder_last_hidden_state})  # fmt: skip

SETTINGS = [
    {"forcedBosTokenId": 37},
    {"forcedBosTokenId": 37, "repetitionPenalty": 1.5},
    {"repetitionPenalty": 0.8, "minNewTokens": 6},
    {"noRepeatNgramSize": 1, "minLength": 9},
    {"noRepeatNgramSize": 2, "numBeams": 3},
    {"noRepeatNgramSize": 3, "numBeams": 2, "repetitionPenalty": 2.5, "lengthPenalty": 2.0},
    {"suppressTokens": list(range(10, 30)), "beginSuppressTokens": [2, 31, 35]},
    {"suppressTokens": [5, 6], "beginSuppressTokens": list(range(3, 30)), "forcedBosTokenId": 38, "numBeams": 4},
    {"eosTokenId": [2, 9, 14, 20, 31], "numBeams": 3},
    {"eosTokenId": [2, 9, 14, 20, 31], "minNewTokens": 3},
    {"eosTokenId": [2, 9, 14, 20, 31], "minNewTokens": 3, "minLength": 9},
    {"eosTokenId": [2, 9], "minNewTokens": 4, "minLength": 8, "numBeams": 4, "earlyStopping": True, "repetitionPenalty": 0.7, "lengthPenalty": 0.0},
    {"eosTokenId": [11, 2, 30], "numBeams": 3, "earlyStopping": "never", "lengthPenalty": -1.0, "noRepeatNgramSize": 2},
    {"forcedEosTokenId": 2, "forcedBosTokenId": 36, "numBeams": 2, "badWordsIds": [[4], [7, 8]], "renormalizeLogits": True, "earlyStopping": True},
]
snake = lambda name: "".join("_" + c.lower() if c.isupper() else c for c in name)
model = build(M2M100ForConditionalGeneration, M2M100Config(**CONFIG, activation_function="gelu"), 7)
rows = []
for options in SETTINGS:
    with torch.no_grad():
        out = model.generate(**inputs, max_length=12, return_dict_in_generate=True, output_scores=True, **{snake(k): v for k, v in options.items()})
    scores = out.sequences_scores.tolist() if options.get("numBeams", 1) > 1 else None
    rows.append({"options": {**options, "maxLength": 12}, "sequences": out.sequences.tolist(), "scores": scores})
(OUT / "m2m_100/generation.json").write_text(json.dumps(rows) + "\n")
