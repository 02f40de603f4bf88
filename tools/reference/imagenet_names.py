"""Writes the names of ImageNet's classes as timm has them, WordNet's lemmas of its synsets: of ImageNet-1k, and of all larger sets in one.

    python tools/reference/imagenet_names.py   # timm 1.0.31
"""
from pathlib import Path

from timm.data import ImageNetInfo

IMAGE = Path(__file__).parents[2] / "packages/models-vision/src/image"
THANKS = "as Hugging Face's library has them, which takes them from timm\n * (Apache-2.0). They are WordNet's, © Princeton University. Written by tools/reference/imagenet_names.py."


def listed(names):
    assert not any(mark in name for name in names for mark in '|"\\')
    return "|".join(names)


names = ImageNetInfo("imagenet-1k").label_descriptions()
assert len(names) == 1000
(IMAGE / "imagenet-names-1k.ts").write_text(f'''/**
 * The names of ImageNet-1k's classes, for timm's classifiers, whose files have none: {THANKS} Loaded when such a file comes.
 */
export const imageNet1kNames: readonly string[] =
  "{listed(names)}".split(
    "|",
  );
''')

whole = ImageNetInfo("imagenet-21k-goog")
synsets = whole.label_names()
SETS = {11221: "imagenet-21k-miil", 11821: "imagenet-12k", 21841: "imagenet-22k", 21842: "imagenet-22k-ms"}
rows = []
for count, subset in SETS.items():
    info = ImageNetInfo(subset)
    members = info.label_names()
    first = ImageNetInfo("imagenet-1k").label_names() if members != sorted(members) else []
    others = set(members[len(first) :])
    assert members[: len(first)] == first and members[len(first) :] == [one for one in synsets if one in others]
    bits = "".join("1" if one in others else "0" for one in synsets)
    assert count == len(members)
    rows.append(f'  {count}: "{int(bits[::-1], 2):x}",\n')
(IMAGE / "imagenet-names-21k.ts").write_text(f'''/**
 * The names of the 21 843 classes of ImageNet-21k, in the order of their synsets, and who is in the other large sets: {THANKS}
 * Loaded when a classifier of so many classes comes.
 */
export const imageNet21kNames: readonly string[] =
  "{listed(whole.label_descriptions())}".split(
    "|",
  );

/** By number of classes: a bit for each name, the first name's the lowest. Of 21 842 the classes of ImageNet-1k come first. */
export const imageNetMembers: Readonly<Record<number, string>> = {{
{"".join(rows)}}};
''')
