"""For tools/contribute.mjs: keeps what ops.py wrote beyond the committed golden file: PyTorch's numbers for the rows that a patch adds.

    git apply tools/contribute/op/change.patch && python tools/reference/ops.py && python tools/reference/contribute.py op

Writes tools/contribute/<name>/ops.safetensors, and leaves it to you to undo the rest.
"""
import json
import subprocess
import sys
from pathlib import Path

import torch
from safetensors.torch import load, save_file

ROOT = Path(__file__).parents[2]
GOLDEN = "packages/layers/golden/ops.safetensors"


def cases(data):
    length = int.from_bytes(data[:8], "little")
    return json.loads(json.loads(data[8 : 8 + length])["__metadata__"]["cases"])


before = subprocess.run(["git", "show", f"HEAD:{GOLDEN}"], cwd=ROOT, check=True, capture_output=True).stdout
after = (ROOT / GOLDEN).read_bytes()
given, written = load(before), load(after)
changed = {key: x for key, x in written.items() if key not in given or not torch.equal(given[key], x)}
calls = {key: call for key, call in cases(after).items() if cases(before).get(key) != call}
save_file(changed, ROOT / "tools/contribute" / sys.argv[1] / "ops.safetensors", metadata={"cases": json.dumps(calls, separators=(",", ":"))})
print(f"{len(calls)} cases, {len(changed)} tensors")
