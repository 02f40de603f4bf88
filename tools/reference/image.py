"""Writes images in many formats, and resizes in all filters; what Pillow makes of the images is written by pictures.py.

    python tools/reference/image.py   # Pillow 13.0; from 13 on it sometimes resizes down before across, which rounds differently

Goes to packages/models-vision/golden/image/: the files, and resize.json with a SHA-256 of every resized image.
"""
import hashlib
import json
import struct
import zlib
from pathlib import Path

import numpy as np
from PIL import Image

OUT = Path(__file__).parents[2] / "packages/models-vision/golden/image"
OUT.mkdir(parents=True, exist_ok=True)
rng = np.random.default_rng(0)


def photo(height, width, channels):
    y, x = np.mgrid[0:height, 0:width]
    planes = [(np.sin(x / 7 + i) + np.cos(y / (5 + i))) * 60 + 128 + rng.normal(0, 12, (height, width)) for i in range(channels)]
    return np.stack(planes, -1).clip(0, 255).astype(np.uint8)


def save(name, image, **options):
    image.save(OUT / name, **options)


def chunk(kind, body):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png16(name, colour_type, channels):
    """Sixteen bits a channel, which Pillow can't write."""
    high = photo(19, 23, channels).astype(np.uint16) * 256
    pixels = (high + rng.integers(0, 256, high.shape).astype(np.uint16)).astype(">u2")
    rows = b"".join(b"\0" + row.tobytes() for row in pixels)
    header = struct.pack(">IIBBBBB", 23, 19, 16, colour_type, 0, 0, 0)
    (OUT / name).write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


rgb = Image.fromarray(photo(19, 23, 3))
rgba = Image.fromarray(photo(19, 23, 4), "RGBA")
grey = Image.fromarray(photo(19, 23, 1)[..., 0])
for subsampling in (0, 1, 2):
    save(f"q85-s{subsampling}.jpg", rgb, quality=85, subsampling=subsampling)
save("progressive.jpg", rgb, progressive=True, quality=80)
save("grey.jpg", grey)
save("cmyk.jpg", rgb.convert("CMYK"))
for orientation in range(1, 9):
    exif = Image.Exif()
    exif[0x112] = orientation
    save(f"exif{orientation}.jpg", rgb, exif=exif)
save("rgb.png", rgb)
save("rgba.png", rgba)
save("grey.png", grey)
save("grey-alpha.png", rgba.convert("LA"))
save("palette.png", rgb.quantize(200))
save("palette16.png", rgb.quantize(13))
save("palette2.png", rgb.quantize(2))
save("one-bit.png", grey.convert("1"))
save("palette-transparent.png", rgb.quantize(30), transparency=3)
save("grey16.png", Image.fromarray(np.asarray(grey).astype(np.uint16) * 257 + 3))
save("grey16-dark.png", Image.fromarray(np.asarray(grey).astype(np.uint16) + 100))
png16("rgb16.png", 2, 3)
png16("rgba16.png", 6, 4)
png16("grey-alpha16.png", 4, 2)
exif = Image.Exif()
exif[0x112] = 6
save("exif6.png", rgb, exif=exif)
save("animated.gif", rgb, save_all=True, append_images=[rgba.convert("RGB")])
save("transparent.gif", rgb.quantize(50), transparency=2)
save("rgb.bmp", rgb)
save("grey.bmp", grey)
save("palette.bmp", rgb.quantize(16))
save("lossless.webp", rgba, lossless=True)
save("lossy.webp", rgb, quality=80)
save("alpha.webp", rgba, quality=80)

filters = {"nearest": 0, "lanczos": 1, "bilinear": 2, "bicubic": 3, "box": 4, "hamming": 5}
source = Image.fromarray(photo(47, 61, 3))
(OUT / "resize-source.rgb").write_bytes(np.asarray(source).tobytes())
hashes = {}
for _ in range(40):
    width, height = (int(n) for n in rng.integers(1, 150, 2))
    for name, code in filters.items():
        pixels = np.asarray(source.resize((width, height), code)).tobytes()
        hashes[f"{name} {width} {height}"] = hashlib.sha256(pixels).hexdigest()[:16]
(OUT / "resize.json").write_text(json.dumps(hashes, indent=1) + "\n")
