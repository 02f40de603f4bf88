"""Writes small pictures of every kind that Pillow reads, and what it makes of each: golden/image/pictures.json. Then strips.json, pictures of extreme
sides resized, and greys.json, pictures as models of one channel see them.

    python tools/reference/pictures.py   # Pillow 13.0; cjpeg of libjpeg-turbo for subsamplings that Pillow doesn't write

Beside what is made here it takes what image.py wrote, and the files of public reports in golden/image/reported. Of each picture: its size, the
first 16 digits of the SHA-256 of its pixels (upright, converted to RGB, as Hugging Face's loader has them), and where it was reported.
"""
import hashlib
import io
import json
import struct
import subprocess
import zlib
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

OUT = Path(__file__).parents[2] / "packages/models-vision/golden/image"
rng = np.random.default_rng(12)


def photo(height, width, channels):
    y, x = np.mgrid[0:height, 0:width]
    planes = [(np.sin(x / 7 + i) + np.cos(y / (5 + i))) * 60 + 128 + rng.normal(0, 12, (height, width)) for i in range(channels)]
    return np.stack(planes, -1).clip(0, 255).astype(np.uint8)


def write(name, data):
    (OUT / name).write_bytes(bytes(data))


def encode(image, kind, **options):
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


rgb = Image.fromarray(photo(19, 23, 3))
rgba = Image.fromarray(photo(19, 23, 4), "RGBA")
grey = rgb.convert("L")

# JPEG ---------------------------------------------------------------------------------------------------------------------------------------------
ppm = encode(rgb, "PPM")
for sampling in ("1x2", "4x1", "3x1", "1x1,2x2,1x1", "2x2,2x1,1x2", "2x2,2x2,1x1"):
    for kind in ([], ["-progressive"]):
        name = f"sampling-{sampling.replace(',', '-')}{kind[0] if kind else ''}.jpg"
        write(name, subprocess.run(["cjpeg", "-sample", sampling, *kind], input=ppm, capture_output=True, check=True).stdout)
write("restarts.jpg", encode(rgb, "JPEG", restart_marker_blocks=1))
write("restarts-progressive.jpg", encode(rgb, "JPEG", restart_marker_rows=1, progressive=True))
write("optimized.jpg", encode(rgb, "JPEG", optimize=True, quality=100))
write("components-rgb.jpg", encode(rgb, "JPEG", keep_rgb=True))
write("grey-progressive.jpg", encode(grey, "JPEG", progressive=True))
write("cmyk-progressive.jpg", encode(Image.fromarray(photo(19, 23, 4), "CMYK"), "JPEG", progressive=True))
for width, height in ((1, 1), (8, 8), (17, 2), (2, 17), (33, 16)):
    write(f"size-{width}x{height}.jpg", encode(Image.fromarray(photo(height, width, 3)), "JPEG"))
plain = encode(rgb, "JPEG")


def segment(marker, body):
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def tiff(orientation, order="<", kind=3):
    value = {1: "B3x", 3: "H2x", 4: "I", 8: "h2x", 9: "i"}[kind]
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "I", 8)
    return head + struct.pack(order + "HHHI" + value + "I", 1, 0x112, kind, 1, orientation, 0)


def with_segments(*segments):
    return plain[:2] + b"".join(segments) + plain[2:]


XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:Description tiff:Orientation="%d"/></x:xmpmeta>'
write("trailing-bytes.jpg", plain + b"more, after the end\xff\xd8\xff")
write("two-pictures.jpg", plain + plain)
write("ends-early.jpg", plain[:-40] + b"\xff\xd9")
write("escaped-before-frame.jpg", with_segments(b"\xff\x00\xff\x00"))
write("fill-bytes.jpg", with_segments(b"\xff" * 9, segment(0xFE, b"a comment")))
write("exif-twice.jpg", with_segments(segment(0xE1, b"Exif\0\0" + tiff(6)), segment(0xE1, b"Exif\0\0" + tiff(3))))
write("exif-and-xmp.jpg", with_segments(segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + XMP % 3), segment(0xE1, b"Exif\0\0" + tiff(6))))
write("exif-without-xmp-8.jpg", with_segments(segment(0xE1, b"Exif\0\0" + tiff(6).replace(b"\x12\x01", b"\x0f\x01")), segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + XMP % 8)))
for order, letter in (("<", "little"), (">", "big")):
    for kind in (1, 3, 4, 8, 9):
        write(f"orientation-{letter}-{kind}.jpg", with_segments(segment(0xE1, b"Exif\0\0" + tiff(8, order, kind))))
for kind, value in ((5, struct.pack("<II", 12, 2)), (12, struct.pack("<d", 6))):
    block = b"II*\0" + struct.pack("<IHHHIII", 8, 1, 0x112, kind, 1, 26, 0) + value
    write(f"orientation-little-{kind}.jpg", with_segments(segment(0xE1, b"Exif\0\0" + block)))
for count in (0, 2, 3):
    block = tiff(8).replace(struct.pack("<HHI", 0x112, 3, 1), struct.pack("<HHI", 0x112, 3, count))
    write(f"orientation-of-{count}.jpg", with_segments(segment(0xE1, b"Exif\0\0" + block)))
write("orientation-thrice-prefixed.jpg", with_segments(segment(0xE1, 4 * b"Exif\0\0" + tiff(8))))
write("orientation-9.jpg", with_segments(segment(0xE1, b"Exif\0\0" + tiff(9))))

# PNG ----------------------------------------------------------------------------------------------------------------------------------------------
SIGNATURE = b"\x89PNG\r\n\x1a\n"
PASSES = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
TYPES = {0: (1, (1, 2, 4, 8, 16)), 2: (3, (8, 16)), 3: (1, (1, 2, 4, 8)), 4: (2, (8, 16)), 6: (4, (8, 16))}


def chunk(kind, body):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def paeth(a, b, c):
    p = a + b - c
    return min((abs(p - a), 0, a), (abs(p - b), 1, b), (abs(p - c), 2, c))[2]


def filtered(rows, step):
    """With the five filters by turns."""
    above, out = bytes(len(rows[0])), b""
    for number, row in enumerate(rows):
        kind = (number + len(rows)) % 5
        left = bytes(step) + row[:-step] if step <= len(row) else bytes(len(row))
        corner = bytes(step) + above[:-step] if step <= len(row) else bytes(len(row))
        guess = [(0, a, b, (a + b) // 2, paeth(a, b, c))[kind] for a, b, c in zip(left, above, corner)]
        out += bytes([kind]) + bytes((x - g) & 255 for x, g in zip(row, guess))
        above = row
    return out


def png_parts(width, height, colour_type, depth, interlaced):
    """Random numbers, packed. @returns the header, and what is to be compressed"""
    channels, _ = TYPES[colour_type]
    numbers = rng.integers(0, 2**depth, (height, width, channels))
    stream = b""
    for x, y, across, down in PASSES if interlaced else [(0, 0, 1, 1)]:
        part = numbers[y::down, x::across]
        if part.size == 0:
            continue
        bits = ((part[..., None] >> np.arange(depth - 1, -1, -1)) & 1).reshape(part.shape[0], -1).astype(np.uint8)
        rows = [np.packbits(row).tobytes() for row in bits]
        stream += filtered(rows, max(1, channels * depth // 8))
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour_type, 0, 0, int(interlaced))), stream


def png(name, width, height, colour_type, depth, interlaced=False, before=b"", after=b"", end=chunk(b"IEND", b""), split=None, more=b""):
    header, stream = png_parts(width, height, colour_type, depth, interlaced)
    palette = chunk(b"PLTE", rng.integers(0, 256, 3 * min(2**depth, 200), np.uint8).tobytes()) if colour_type == 3 else b""
    data = zlib.compress(stream + more)
    size = split or len(data)
    pixels = b"".join(chunk(b"IDAT", data[at : at + size]) for at in range(0, len(data), size))
    write(name, SIGNATURE + header + palette + before + pixels + after + end)


for colour_type, (_, depths) in TYPES.items():
    for depth in depths:
        for interlaced in (False, True):
            png(f"type{colour_type}-{depth}{'-interlaced' if interlaced else ''}.png", 13, 11, colour_type, depth, interlaced)
for width, height in ((1, 1), (2, 3), (5, 1), (1, 5)):
    png(f"interlaced-{width}x{height}.png", width, height, 0, 2, True)
png("split-data.png", 13, 11, 2, 8, split=7, before=chunk(b"IDAT", b""))
png("more-rows-than-said.png", 13, 11, 2, 8, more=bytes(1000))
png("trailing-bytes.png", 13, 11, 2, 8, end=chunk(b"IEND", b"") + b"more, after the end")
png("unknown-chunks.png", 13, 11, 2, 8, before=chunk(b"ABCD", b"critical") + chunk(b"abCd", b"") + chunk(b"gAMA", struct.pack(">I", 1)) + chunk(b"cHRM", bytes(32)))
png("transparent-grey.png", 13, 11, 0, 8, before=chunk(b"tRNS", b"\0\x80"))
png("transparent-colour.png", 13, 11, 2, 8, before=chunk(b"tRNS", b"\0\x80\0\x80\0\x80"))
png("transparent-palette.png", 13, 11, 3, 8, before=chunk(b"tRNS", bytes(range(200))))
png("exif-behind.png", 13, 11, 2, 8, after=chunk(b"eXIf", tiff(6, ">")))
png("exif-long.png", 13, 11, 2, 8, before=chunk(b"eXIf", tiff(8, ">", 4)))
png("xmp-compressed.png", 13, 11, 2, 8, before=chunk(b"iTXt", b"XML:com.adobe.xmp\0\x01\0en\0x\0" + zlib.compress(XMP % 5)))
png("xmp-element.png", 13, 11, 2, 8, after=chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0<tiff:Orientation>7</tiff:Orientation>"))
write("animated.png", encode(rgb, "PNG", save_all=True, append_images=[rgb.rotate(180)]))

# WebP ---------------------------------------------------------------------------------------------------------------------------------------------
for width, height in ((1, 1), (2, 3), (17, 33)):
    some = Image.fromarray(photo(height, width, 4), "RGBA")
    write(f"lossy-{width}x{height}.webp", encode(some, "WEBP", quality=60))
    write(f"lossless-{width}x{height}.webp", encode(some, "WEBP", lossless=True))
write("few-colours.webp", encode(rgb.quantize(5).convert("RGB"), "WEBP", lossless=True, method=6))
write("alpha-quality.webp", encode(rgba, "WEBP", quality=40, alpha_quality=20))
write("exif.webp", encode(rgb, "WEBP", exif=tiff(6)))
write("exif-prefix.webp", encode(rgb, "WEBP", exif=b"Exif\0\0" + tiff(8, ">")))
write("profile.webp", encode(rgb, "WEBP", icc_profile=b"not a profile"))
write("trailing-bytes.webp", encode(rgb, "WEBP") + b"more, after the end")
corner = Image.new("RGBA", (23, 19))
corner.paste(rgba.crop((0, 0, 9, 7)), (8, 6))
write("animated-corner.webp", encode(corner, "WEBP", save_all=True, append_images=[rgba], lossless=True))
write("animated-lossy.webp", encode(rgba, "WEBP", save_all=True, append_images=[corner], quality=50, background=(9, 99, 199, 255)))

# GIF ----------------------------------------------------------------------------------------------------------------------------------------------
noise = Image.fromarray(rng.integers(0, 256, (80, 90), np.uint8)).convert("P")
write("noise.gif", encode(noise, "GIF"))
write("noise-interlaced.gif", encode(noise, "GIF", interlace=1))
for height in (1, 2, 3, 5, 9):
    write(f"interlaced-{height}.gif", encode(rgb.crop((0, 0, 7, height)), "GIF", interlace=1))
write("flat.gif", encode(Image.new("L", (200, 150), 7), "GIF"))
write("two-colours.gif", encode(grey.convert("1"), "GIF"))
write("greys.gif", encode(grey, "GIF"))


def gif(screen, corner, size, numbers, bits=3, table="global", control=b"", version=b"89a"):
    """Codes that are never compressed: a clear code before every one."""
    palette = bytes(rng.integers(0, 256, 3 << bits, np.uint8))
    codes = [code for number in numbers for code in (1 << bits, number)] + [(1 << bits) + 1]
    packed = sum(code << (i * (bits + 1)) for i, code in enumerate(codes)).to_bytes(len(codes) * (bits + 1) // 8 + 1, "little")
    blocks = b"".join(bytes([len(packed[at : at + 255])]) + packed[at : at + 255] for at in range(0, len(packed), 255)) + b"\0"
    flags = 0x80 | (bits - 1)
    return (
        b"GIF" + version + struct.pack("<HHBBB", *screen, flags if table == "global" else 0, 0, 0) + (palette if table == "global" else b"")
        + control + b"," + struct.pack("<HHHHB", *corner, *size, flags if table == "own" else 0) + (palette if table == "own" else b"")
        + bytes([bits]) + blocks + b";"
    )


numbers = rng.integers(0, 8, 20).tolist()
CONTROL = b"!\xf9\x04\x01\0\0\x05\0"
write("part.gif", gif((9, 8), (2, 3), (5, 4), numbers))
write("part-transparent.gif", gif((9, 8), (2, 3), (5, 4), numbers, control=CONTROL))
write("beyond-screen.gif", gif((4, 3), (2, 3), (5, 4), numbers))
write("no-screen.gif", gif((0, 0), (0, 0), (5, 4), numbers))
write("own-table.gif", gif((5, 4), (0, 0), (5, 4), numbers, table="own"))
write("no-table.gif", gif((5, 4), (0, 0), (5, 4), numbers, table="none", version=b"87a"))
write("no-table-transparent.gif", gif((7, 6), (1, 1), (5, 4), numbers, table="none", control=CONTROL))
write("extensions.gif", gif((5, 4), (0, 0), (5, 4), numbers, control=b"!\xfe\x05hello\x03abc\0!\xff\x0bXMP DataXMP\x02ab\0!\x01\0\0\0"))

# BMP ----------------------------------------------------------------------------------------------------------------------------------------------


def bmp(name, bits, pixels, size=(5, 4), header=40, compression=0, colours=0, masks=(), top_down=False, palette=None, offset=None):
    width, height = size
    palette = rng.integers(0, 256, (4 if header > 12 else 3) * (colours or (2**bits if bits <= 8 else 0)), np.uint8).tobytes() if palette is None else palette
    if header == 12:
        head = struct.pack("<IHHHH", 12, width, height, 1, bits)
    else:
        head = struct.pack("<IiiHHIIiiII", header, width, -height if top_down else height, 1, bits, compression, len(pixels), 0, 0, colours, 0)
        head += struct.pack(f"<{len(masks)}I", *masks)
        head += bytes(max(0, header - len(head)))
    at = 14 + len(head) + len(palette)
    write(name, b"BM" + struct.pack("<IHHI", at + len(pixels), 0, 0, at if offset is None else offset) + head + palette + pixels)


def bmp_rows(bits, width=5, height=4):
    return rng.integers(0, 256, ((width * bits + 31) // 32) * 4 * height, np.uint8).tobytes()


for bits in (1, 4, 8, 16, 24, 32):
    bmp(f"bits{bits}.bmp", bits, bmp_rows(bits))
    bmp(f"bits{bits}-top-down.bmp", bits, bmp_rows(bits), top_down=True)
for bits in (1, 4, 8, 24):
    bmp(f"os2-{bits}.bmp", bits, bmp_rows(bits), header=12)
for header in (52, 56, 64, 108, 124):
    bmp(f"header{header}.bmp", 24, bmp_rows(24), header=header)
for number, masks in enumerate([(0xFF0000, 0xFF00, 0xFF, 0), (0xFF000000, 0xFF0000, 0xFF00, 0), (0xFF000000, 0xFF00, 0xFF, 0), (0xFF000000, 0xFF0000, 0xFF00, 0xFF), (0xFF, 0xFF00, 0xFF0000, 0xFF000000), (0xFF0000, 0xFF00, 0xFF, 0xFF000000), (0xFF000000, 0xFF00, 0xFF, 0xFF0000), (0, 0, 0, 0)]):
    bmp(f"fields32-{number}.bmp", 32, bmp_rows(32), header=56, compression=3, masks=masks)
bmp("fields32-behind.bmp", 32, bmp_rows(32), compression=3, masks=(0xFF0000, 0xFF00, 0xFF))
bmp("fields24.bmp", 24, bmp_rows(24), header=56, compression=3, masks=(0xFF0000, 0xFF00, 0xFF, 0))
bmp("fields565.bmp", 16, bmp_rows(16), compression=3, masks=(0xF800, 0x7E0, 0x1F))
bmp("fields555.bmp", 16, bmp_rows(16), header=108, compression=3, masks=(0x7C00, 0x3E0, 0x1F))
bmp("few-colours.bmp", 8, bmp_rows(8), colours=40)
bmp("no-offset.bmp", 8, bmp_rows(8), offset=54)
bmp("offset-0.bmp", 24, bmp_rows(24), offset=0)
RUNS8 = b"\x03\x07\x02\x09\0\0" + b"\0\x05\x01\x02\x03\x04\x05\0" + b"\0\0" + b"\x02\x08\0\x02\x01\x00\x02\x03\0\0" + b"\x09\x04\0\x01"
bmp("runs8.bmp", 8, RUNS8, compression=1)
bmp("runs8-top-down.bmp", 8, RUNS8, compression=1, top_down=True)
RUNS4 = b"\x05\x12\0\0" + b"\0\x04\x12\x34" + b"\x01\x50\0\0" + b"\0\x06\x12\x34\x56\0" + b"\0\0" + b"\x05\x9a\0\x01"
bmp("runs4.bmp", 4, RUNS4, compression=2)
bmp("runs4-odd.bmp", 4, b"\0\x05\x12\x34\x05\x67\0\0\x05\x12\0\0\x05\x34\0\0\x05\x56\0\0\x05\x78\0\x01", compression=2)
bmp("runs4-beyond.bmp", 4, b"\x02\x12\0\x02\x01\x01\0\x07\x12\x34\x56\x70\0\x02\x05\x09\x05\x34\0\x01", compression=2)
bmp("black-and-white.bmp", 4, b"\x05\x01\0\0\x05\x10\0\0\x05\x22\0\0\x05\x03\0\x01", compression=2, colours=2, palette=b"\0\0\0\0\xff\xff\xff\0")

OWN_GREYS = bytes(i // 3 for i in range(768))  # which say nothing: the screen's colours count
for name, flags, screen in (("own-greys.gif", 0x82, bytes(range(7, 31))), ("own-greys-alone.gif", 0, b"")):
    data = b"\x08\x08\x00\x01\x04\x10\x30\x40\x80\x80\x00"
    write(name, b"GIF87a" + struct.pack("<HHBBB", 2, 2, flags, 0, 0) + screen + b"," + struct.pack("<HHHHB", 0, 0, 2, 2, 0x87) + OWN_GREYS + data + b";")

# Where they were reported ------------------------------------------------------------------------------------------------------------------------
SOURCES = {
    "stray": "tesseract-ocr/tesseract#103, etemesi254/zune-image#261, image-rs/jpeg-decoder#100, jpeg-js/jpeg-js#67",
    "low-bit-interlaced": "EliotJones/BigGustave#16, image-js/fast-png#46, image-rs/image-png#142",
    "animated-webp": "aruiz/webp-pixbuf-loader#21, gawen947/imlib2-webp#4, chai2010/webp#46",
    "bad-note": "jamsinclair/jSquash#44, image-rs/image#1825, python-pillow/Pillow#7817",
    "inks": "nothings/stb#128, nothings/stb#424, image-rs/jpeg-decoder#224, jpeg-js/jpeg-js#13",
    "orientation-elsewhere": "python-pillow/Pillow#4529, python-pillow/Pillow#6462, python-pillow/Pillow#9109, python-pillow/Pillow#4537",
    "transparent": "whatwg/html#10142, servo/servo#40257, Brooooooklyn/canvas#850",
    "turned": "whatwg/html#8085, whatwg/html#7210",
}

pictures = {}
for path in sorted(OUT.rglob("*")):
    if path.suffix not in (".jpg", ".png", ".webp", ".gif", ".bmp"):
        continue
    name = path.relative_to(OUT).as_posix()
    try:
        image = ImageOps.exif_transpose(Image.open(path)).convert("RGB")
    except Exception as error:
        raise SystemExit(f"{name}: {error!r}") from error
    source = {"source": SOURCES[path.parent.name]} if path.parent.parent.name == "reported" else {}
    pictures[name] = {"size": image.size, "sha256": hashlib.sha256(image.tobytes()).hexdigest()[:16], **source}
(OUT / "pictures.json").write_text("{\n" + ",\n".join(f"  {json.dumps(k)}: {json.dumps(v)}" for k, v in pictures.items()) + "\n}\n")


def digest(image):
    return hashlib.sha256(image.tobytes()).hexdigest()[:16]


def write_json(name, values):
    (OUT / name).write_text(json.dumps(values, indent=1) + "\n")


strips = {}
filters = {"nearest": 0, "lanczos": 1, "bilinear": 2, "bicubic": 3, "box": 4, "hamming": 5}
for filter_name, *sides in [("bilinear", 1, 100000, 224, 224), ("bicubic", 2, 90000, 200, 150), ("bicubic", 7, 701, 40, 700), ("bicubic", 7, 700, 40, 300), ("bilinear", 7, 701, 7, 300), ("hamming", 7, 701, 40, 900), ("lanczos", 70000, 3, 60, 50), ("box", 3, 70000, 9, 7), ("bicubic", 300, 20000, 50, 64)]:
    columns, rows, width, height = sides
    x, y, c = np.meshgrid(np.arange(columns), np.arange(rows), np.arange(3), indexing="xy")
    pixels = ((x * x + 3 * y + 5 * x * y + 77 * c) >> 2).astype(np.uint8)
    strips[" ".join(map(str, (filter_name, *sides)))] = digest(Image.fromarray(pixels).resize((width, height), filters[filter_name]))
write_json("strips.json", strips)

greys = {}
for name in ("rgb.png", "palette.png", "grey16.png", "rgba.png", "cmyk.jpg", "lossy.webp", "transparent.gif", "bits16.bmp"):
    greys[name] = digest(Image.open(OUT / name).convert("L").resize((16, 12), Image.Resampling.BILINEAR))
write_json("greys.json", greys)
