"""What the comparisons of random models have in common: random_tasks.py, random_translations.py, random_pictures.py.

Each draws tiny models with their tokenizers and processors, of sizes and settings that no golden has, and compares what `x` says of texts and pictures with what
Hugging Face's libraries say: a line for each model, and it fails if one differs. Nothing is committed.

    python tools/reference/random_tasks.py [models of each] [seed] [part of a name]    # and so the others
"""
import json
import random
import shutil
import subprocess
import sys
import tempfile
import traceback
from pathlib import Path

from random_texts import COUNT, ROOT, SEED  # first: it quiets the library
import torch
import transformers

ONLY = [*sys.argv, "", "", ""][3]
pick, draw = random.choice, random.randint
WORDS = "the whale is a very large animal old ship captain votes are counted by hand how blue sea and of metres thirty long Paris was built in 1066 , but who knows ? it's naïve".split()


def sentence(longest=14):
    return " ".join(random.choices(WORDS, k=draw(1, longest)))


def stirred(model, scale=1.0):
    """The model with weights of order 1 / √fan-in, and norms and biases that aren't 1 and 0."""
    with torch.no_grad():
        for name, value in model.named_parameters():
            if "embed_positions" in name:
                continue  # sines, which no file has
            noise = torch.randn(value.shape)
            if value.dim() > 1 and "logit_scale" not in name:
                value.copy_(scale * noise * (value.shape[-1] if value.dim() == 2 else value[0].numel()) ** -0.5)
            else:
                value.add_(0.2 * noise)
    return model.eval()


def x(command, folder, *words):
    node = ROOT / "node_modules/.bin/node"
    run = [node if node.exists() else "node", "--conditions=@x/source", "--disable-warning=ExperimentalWarning", ROOT / "packages/cli/src/main.ts"]
    done = subprocess.run([*run, command, "--model", folder, "--json", *map(str, words)], cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        raise AssertionError(done.stderr[:600])
    return [json.loads(line) for line in done.stdout.splitlines()]


def close(ours, theirs, what, tolerance=2e-5):
    ours, theirs = torch.as_tensor(ours, dtype=torch.float64), torch.as_tensor(theirs, dtype=torch.float64)
    assert ours.shape == theirs.shape, f"{what}: {tuple(ours.shape)}, but expected {tuple(theirs.shape)}"
    worst = (ours - theirs).abs().max().item() / max(1.0, theirs.abs().max().item()) if ours.numel() else 0
    assert worst <= tolerance, f"{what}: off by {worst:.1e}: {ours.flatten()[:6].tolist()}, but expected {theirs.flatten()[:6].tolist()}"


def same(ours, theirs, what):
    assert ours == theirs, f"{what}: {ours!r}, but expected {theirs!r}"


def compare(tasks):
    """Runs functions of a folder and a kind, each on models drawn anew."""
    torch.set_grad_enabled(False)
    torch.set_num_threads(1)
    transformers.utils.logging.disable_progress_bar()
    failed = 0
    for task, kind, n in [(task, kind, n) for task, kind in tasks if ONLY in f"{task.__name__} {kind}" for n in range(COUNT)]:
        random.seed(f"{task.__name__} {kind} {SEED} {n}")
        torch.manual_seed(SEED * 1000 + n)
        with tempfile.TemporaryDirectory() as folder:
            told = "agrees"
            try:
                task(folder, kind)
            except Exception as problem:  # the reference's own are told, too
                failed += 1
                told = f"{type(problem).__name__}: {problem}" if isinstance(problem, AssertionError) else traceback.format_exc(limit=-3)
                kept = Path(tempfile.gettempdir(), "random_models", f"{task.__name__}-{kind}-{SEED}-{n}")
                shutil.rmtree(kept, ignore_errors=True)
                shutil.copytree(folder, kept)
            print(f"{task.__name__:14}{kind:34}{n:3}  {told}", flush=True)
    print(f"{failed} failed")
    sys.exit(failed > 0)
