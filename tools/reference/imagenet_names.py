"""Writes the names of ImageNet-1k's classes as timm has them, WordNet's lemmas of its synsets.

    python tools/reference/imagenet_names.py   # timm 1.0.31
"""
from pathlib import Path

from timm.data import ImageNetInfo

names = ImageNetInfo("imagenet-1k").label_descriptions()
assert len(names) == 1000 and not any(mark in name for name in names for mark in '|"\\')
path = Path(__file__).parents[2] / "packages/models-vision/src/image/imagenet-names.ts"
path.write_text(f'''/**
 * The names of ImageNet-1k's classes, for timm's classifiers, whose files have none: as Hugging Face's library has them, which takes them from timm
 * (Apache-2.0). They are WordNet's, © Princeton University. Written by tools/reference/imagenet_names.py. Loaded when such a file comes.
 */
export const imageNetNames: readonly string[] =
  "{"|".join(names)}".split(
    "|",
  );
''')
