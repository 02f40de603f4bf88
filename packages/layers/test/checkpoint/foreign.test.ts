/** What people bring instead of a file is told by name: huggingface/transformers#27923, microsoft/OmniParser#34, AUTOMATIC1111/stable-diffusion-webui#8123. */
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { CheckpointError, openCheckpoint } from "../../src/index.ts";
import { openSource, readJson } from "../../src/model.ts";

const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${"0".repeat(64)}\nsize 437951328\n`;
const bytes = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(text, (character) => character.charCodeAt(0));

const others: readonly (readonly [what: string, head: Uint8Array<ArrayBuffer>])[] = [
  ["a pointer of git-lfs", bytes(pointer)],
  ["a web page", bytes("<!DOCTYPE html>\n<html><head><title>404</title></head></html>")],
  ["a web page", bytes("\n<!-- a comment -->\n<html lang=en>")],
  ["XML, such as a server's refusal", bytes('<?xml version="1.0" encoding="UTF-8"?><Error><Code>AccessDenied</Code></Error>')],
  ["GGUF", bytes("GGUF\x03\0\0\0\x23\x01\0\0\0\0\0\0")],
  ["HDF5", bytes("\x89HDF\r\n\x1a\n\0\0\0\0\0\x08\x08\0")],
  ["a NumPy array", bytes("\x93NUMPY\x01\0v\0{'descr': '<f4'")],
  ["ONNX", bytes("\x08\x07\x12\x07pytorch\x1a\x032.1:")],
  ["a TensorFlow SavedModel", bytes("\x08\x01\x12\xa5\x8f\x03\x0a\x8f")],
  ["TensorFlow Lite", bytes("\x1c\0\0\0TFL3\x14\0\x20\0\x1c\0")],
  ["msgpack, Flax's format", bytes("\x81\xa6params\x82\xa7encoder")],
  ["msgpack, Flax's format", bytes("\x82\xaaclassifier\x82\xa4bias")],
  ["compressed by gzip", new Uint8Array(gzipSync("weights"))],
  ["a 7z archive", bytes("7z\xbc\xaf\x27\x1c\0\x04")],
  ["Parquet", bytes("PAR1\x15\x04\x15")],
];

test.each(others)("%s as weights", async (what, head) => {
  for (const length of [head.length, 4096]) {
    const padded = new Uint8Array(length);
    padded.set(head);
    const opening = openCheckpoint(new Map([["pytorch_model.bin", padded]]));
    await expect(opening).rejects.toThrow(CheckpointError);
    await expect(opening).rejects.toThrow(`pytorch_model.bin: this is ${what}`);
  }
});

test.each(others.filter(([, head]) => head[0] !== 0x1f))("%s as settings", async (what, head) => {
  const source = await openSource(new Map([["config.json", head]]));
  await expect(readJson(source, "config.json")).rejects.toThrow(`config.json: this is ${what}`);
});

test("a server's answer as settings", async () => {
  const answer = async (text: string) => readJson(await openSource(new Map([["config.json", bytes(text)]])), "config.json");
  await expect(answer('{"error":"Repository not found"}')).rejects.toThrow(
    'config.json is a server\'s answer, not the file itself: "Repository not found"',
  );
  await expect(answer("Entry not found")).rejects.toThrow('config.json is not JSON (found "Entry not found")');
  expect(await answer('{"error":{"a":1}}')).toEqual({ error: { a: 1 } });
});

test("another library's weights alone in a folder are named", async () => {
  const folder = new Map([
    ["config.json", bytes("{}")],
    ["tf_model.h5", bytes("\x89HDF\r\n\x1a\n")],
    ["flax_model.msgpack", bytes("\x81")],
  ]);
  await expect(openCheckpoint(folder)).rejects.toThrow(
    'no checkpoint is there that can be read: "tf_model.h5", "flax_model.msgpack" must be converted to safetensors with the library that wrote it',
  );
});
