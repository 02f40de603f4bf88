"""Writes which tokens can be drawn, and how likely, in many settings, as Hugging Face's library has it.

    python tools/reference/drawing.py   # torch, transformers 5.24

packages/models-nlp/golden/drawing.json: settings as generation_config.json has them, logits, and the probabilities that are left.
"""
import json
from pathlib import Path

import numpy as np
import torch
from transformers.generation import logits_process as warpers

rng = np.random.default_rng(4)
# In the order of GenerationMixin._get_logits_processor.
ORDER = {
    "temperature": warpers.TemperatureLogitsWarper,
    "top_k": warpers.TopKLogitsWarper,
    "top_p": warpers.TopPLogitsWarper,
    "min_p": warpers.MinPLogitsWarper,
    "typical_p": warpers.TypicalLogitsWarper,
    "epsilon_cutoff": warpers.EpsilonLogitsWarper,
    "eta_cutoff": lambda value: warpers.EtaLogitsWarper(epsilon=value),
}  # fmt: skip
DRAWN = {
    "temperature": lambda: rng.uniform(0.3, 3),
    "top_k": lambda: int(rng.integers(1, 12)),
    "top_p": lambda: rng.uniform(0.05, 0.99),
    "min_p": lambda: rng.uniform(0.01, 0.6),
    "typical_p": lambda: rng.uniform(0.05, 0.99),
    "epsilon_cutoff": lambda: rng.uniform(0.001, 0.2),
    "eta_cutoff": lambda: rng.uniform(0.001, 0.3),
}  # fmt: skip


def case(names):
    settings = {name: round(DRAWN[name](), 3) for name in names}
    logits = torch.tensor(rng.normal(0, rng.uniform(0.5, 4), 14).round(2)).double()
    logits[rng.integers(14)] = -np.inf
    scores = torch.log_softmax(logits, -1)[None]
    for name, value in settings.items():
        scores = ORDER[name](value)(None, scores)
    forbidden = [None if value == -np.inf else value for value in logits.tolist()]
    return {"settings": settings, "logits": forbidden, "probabilities": [round(value, 6) for value in torch.softmax(scores, -1)[0].tolist()]}


cases = [case([name]) for name in ORDER for _ in range(4)]
cases += [case([name for name in ORDER if rng.random() < 0.5]) for _ in range(30)]
(Path(__file__).parents[2] / "packages/models-nlp/golden/drawing.json").write_text(json.dumps(cases, separators=(",", ":")))
