import { latin1 } from "./formats/file-view.ts";

/** What people bring instead, by its first bytes. */
const unreadable: readonly (readonly [name: string, ...starts: (string | RegExp)[]])[] = [
  ["an AVIF image", /^....ftyp.{0,60}avi[fs]/s],
  ["an HEIC image", /^....ftyp(hei[cfmsx]|hev[cmsx]|mif1|msf1)/s],
  ["a CR3 image", /^....ftypcrx /s],
  ["a video", /^....ftyp/s, "\x1aE\xdf\xa3", /^RIFF....AVI /s, "\0\0\x01\xba", "\0\0\x01\xb3", "OggS", "FLV"],
  ["a sound", /^RIFF....WAVE/s, "ID3", "fLaC"],
  ["a TIFF image", "II*\0", "MM\0*", "II+\0", "MM\0+"],
  ["a JPEG XL image", "\xff\x0a", "\0\0\0\x0cJXL "],
  ["a JPEG 2000 image", "\0\0\0\x0cjP  ", "\xff\x4f\xff\x51"],
  ["a Photoshop file", "8BPS"],
  ["an icon", "\0\0\x01\0", "\0\0\x02\0"],
  ["a PostScript file", "%!PS", "\xc5\xd0\xd3\xc6"],
  ["a PDF document", "%PDF"],
  ["a Netpbm image", /^P[1-7][\s#]/],
  ["a QOI image", "qoif"],
  ["a DDS image", "DDS "],
  ["an OpenEXR image", "\x76\x2f\x31\x01"],
  ["a Radiance image", "#?RADIANCE", "#?RGBE"],
  ["a MNG or JNG image", "\x8aMNG", "\x8bJNG"],
  ["a FITS image", "SIMPLE  ="],
  ["a GIMP file", "gimp xcf"],
  ["an Apple icon", "icns"],
  ["a DICOM file", /^[^]{128}DICM/],
  ["a zip archive", "PK\x03\x04", "PK\x05\x06"],
  ["gzip-compressed data", "\x1f\x8b"],
  ["a PNG image that was changed as if it were text", "\x89PNG", "\xef\xbf\xbdPNG", "?PNG"],
  ["a JPEG image that was changed as if it were text", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"],
  ["a Git LFS pointer, not the file itself", "version https://git-lfs"],
  ["an SVG image", /^\s*(<\?xml[^]*?)?(<!--(?:(?!-->)[^])*-->\s*)*(<!DOCTYPE svg[^>]*>\s*)?<svg[\s>]/i],
  ["a web page", /^\s*(<!--(?:(?!-->)[^])*-->\s*)*<(!doctype html|html|head|body|script)/i],
  ["an XML document", /^\s*<\?xml/i],
  ["an image as base64 text", /^\s*(data:image|iVBORw0KGgo|\/9j\/|R0lGOD|UklGR)/],
  ["JSON", /^\s*[{[]\s*["{[\]}\d-]/],
];

/** What a file is that can't be read, as the beginning of a message. */
export function nameOf(bytes: Uint8Array): string {
  const start = latin1(bytes.subarray(0, 1024)).replace(/^\xef\xbb\xbf(?=\s*[<{[])/, "");
  const known = unreadable.find(([, ...starts]) =>
    starts.some((begins) => (typeof begins === "string" ? start.startsWith(begins) : begins.test(start))),
  );
  if (known) return `this is ${known[0]}, which can't be read here`;
  const hexadecimal = Array.from(bytes.subarray(0, 8), (byte) => byte.toString(16).padStart(2, "0")).join(" ");
  return `not an image that can be read here: the file begins with ${hexadecimal}`;
}
