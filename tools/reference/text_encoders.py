"""Writes tiny models of BERT's kin, of random weights, with Hugging Face's own outputs, losses and gradients.

    python tools/reference/text_encoders.py               # all
    python tools/reference/text_encoders.py roberta       # those whose names begin so

Each goes to packages/models-nlp/golden/<name>/, as bert.py has it; the first of a kind has `losses`, `hidden.<i>` and `attention.<i>` as well.
"""
import sys

import torch
import transformers as hf
from bert import NAMES, masked, text, write

SMALL = dict(vocab_size=40, hidden_size=12, num_hidden_layers=2, num_attention_heads=3, intermediate_size=16, max_position_embeddings=20)
LABELLED = dict(id2label=NAMES, label2id={v: k for k, v in NAMES.items()})


def logits(model, out):
    return {"logits": out.logits}


def answers(model, out):
    return {"start_logits": out.start_logits, "end_logits": out.end_logits}


def inputs(pad, types):
    """Twelve tokens a text; the second ends three tokens early. Padding's id is nowhere else."""
    given = text(2, 12, 2)
    ids, mask = given["input_ids"], given["attention_mask"]
    ids = torch.where(mask == 1, torch.where(ids == pad, 5, ids), pad)
    return {"input_ids": ids, "attention_mask": mask, **({"token_type_ids": given["token_type_ids"]} if types else {})}


def family(name, prefix, config, pad, types=0, own=None):
    """The five heads that they all have. `own` is another one for the first."""
    given = inputs(pad, types > 1)
    ids = given["input_ids"]
    config = {**config, **({"type_vocab_size": types} if types else {})}
    ends = {"start_positions": torch.tensor([1, 3]), "end_positions": torch.tensor([4, 3])}
    rows = [
        (name, "ForMaskedLM", {}, {"labels": masked(ids, 3)}, logits, True),
        (f"{name}_sequence", "ForSequenceClassification", LABELLED, {"labels": torch.tensor([2, 0])}, logits, False),
        (f"{name}_token", "ForTokenClassification", LABELLED, {"labels": ids % 3}, logits, False),
        (f"{name}_question", "ForQuestionAnswering", {}, ends, answers, False),
    ]
    for seed, (row, head, more, targets, outputs, hidden) in enumerate([*(own or []), *rows]):
        if not any(row.startswith(asked) for asked in sys.argv[1:] or [""]):
            continue
        kind = getattr(hf, prefix + head)
        write(row, kind, kind.config_class(**config, **more), seed + 1, given, targets, outputs, hidden)


roberta = {**SMALL, "layer_norm_eps": 1e-5}
family("roberta", "Roberta", roberta, 1, 2, [("roberta_untied", "ForMaskedLM", {"tie_word_embeddings": False}, {"labels": masked(inputs(1, True)["input_ids"], 4)}, logits, False)])
family("xlm_roberta", "XLMRoberta", {**roberta, "type_vocab_size": 1}, 1)
family("camembert", "Camembert", {**roberta, "hidden_act": "gelu_new", "type_vocab_size": 1}, 1)
distil = dict(vocab_size=40, dim=12, n_layers=2, n_heads=3, hidden_dim=16, max_position_embeddings=20)
family("distilbert", "DistilBert", distil, 0)
family("mpnet", "MPNet", SMALL, 1)
replaced = torch.randint(0, 2, (2, 12), generator=torch.Generator().manual_seed(5))
electra = {**SMALL, "embedding_size": 8}
family("electra", "Electra", electra, 0, 2, [("electra_pre_training", "ForPreTraining", {}, {"labels": replaced}, logits, False)])
modern = dict(vocab_size=40, hidden_size=12, num_hidden_layers=3, num_attention_heads=3, intermediate_size=16, max_position_embeddings=32, pad_token_id=1,
              local_attention=6, bos_token_id=0, eos_token_id=2, cls_token_id=0, sep_token_id=2)  # fmt: skip
biased = {"norm_bias": True, "attention_bias": True, "mlp_bias": True, "classifier_bias": True, "decoder_bias": False, "tie_word_embeddings": False,
          "layer_types": ["sliding_attention", "full_attention", "sliding_attention"]}  # fmt: skip
mean = {"classifier_pooling": "mean", "classifier_activation": "silu", "hidden_activation": "gelu_new"}
ids = inputs(1, False)["input_ids"]
family("modernbert", "ModernBert", modern, 1, own=[
    ("modernbert_biased", "ForMaskedLM", biased, {"labels": masked(ids, 4)}, logits, False),
    ("modernbert_mean", "ForSequenceClassification", {**mean, **LABELLED}, {"labels": torch.tensor([2, 0])}, logits, False),
])  # fmt: skip
