/** What people give as an image, in every form; and what isn't one. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { homedir, tmpdir } from "node:os";
import { join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { createContext, runInContext } from "node:vm";
import { expect, onTestFinished, test } from "vitest";
import { decodeImage, type ImageInput } from "../../src/index.ts";
import { goldenFolder } from "../golden.ts";

const path = `${goldenFolder("image")}/rgb.png`;
const bytes = new Uint8Array(readFileSync(path));
const { data: pixels } = await decodeImage(bytes);

const shared = new SharedArrayBuffer(bytes.length);
new Uint8Array(shared).set(bytes);
test.each<[string, ImageInput]>([
  ["a Uint8Array", bytes],
  ["a part of one", new Uint8Array([0, ...bytes, 0]).subarray(1, -1)],
  ["a Buffer", readFileSync(path)],
  ["a Uint8ClampedArray", Uint8ClampedArray.from(bytes)],
  ["a DataView", new DataView(bytes.buffer)],
  ["an ArrayBuffer", bytes.buffer],
  ["a SharedArrayBuffer", shared],
  ["a Blob", new Blob([bytes])],
  ["a File", new File([bytes], "rgb.png")],
  ["a Response", new Response(bytes)],
  ["a path", path],
  ["a relative path", relative(process.cwd(), path)],
  ["a file: address", pathToFileURL(path)],
  ["a file: address as string", pathToFileURL(path).href],
  ["a data: address", `data:image/png;base64,${Buffer.from(bytes).toString("base64")}`],
])("%s", async (_, input) => {
  expect((await decodeImage(input)).data).toEqual(pixels);
});

test("a path from ~ on", async () => {
  if (relative(homedir(), path).startsWith("..")) {
    await expect(decodeImage("~/no-such-picture.png")).rejects.toThrow(`${homedir()}/no-such-picture.png: there is no such file`);
  } else expect((await decodeImage(`~/${relative(homedir(), path)}`)).data).toEqual(pixels);
});

test("an address on a server; what it refuses, and what is too long, are named", async () => {
  const server = createServer(({ url }, response) => {
    if (url === "/rgb.png") response.end(bytes);
    else if (url === "/endless") for (let i = 0; i < 100; i++) response.write(Buffer.alloc(1 << 16));
    else if (url === "/page.png") response.end("<!DOCTYPE html><title>Sign in</title>");
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void (server.closeAllConnections(), server.close()));
  const root = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  expect((await decodeImage(`${root}/rgb.png`)).data).toEqual(pixels);
  expect((await decodeImage(new URL(`${root}/rgb.png`))).data).toEqual(pixels);
  await expect(decodeImage(`${root}/none`)).rejects.toThrow(`${root}/none: the server answers 404 Not Found`);
  await expect(decodeImage(`${root}/page.png`)).rejects.toThrow(`${root}/page.png: this is a web page, which can't be read here`);
  await expect(decodeImage(`${root}/endless`, { maxBytes: 1e6 })).rejects.toThrow(
    "/endless: the answer is longer than 1000000 bytes, the limit (maxBytes)",
  );
  await expect(decodeImage("http://127.0.0.1:1/x.png")).rejects.toThrow(/^http:\/\/127.0.0.1:1\/x.png: can't be reached: /);
});

test("an address is fetched as a model's files are: again after a failure, never waited for without end, and ended by a signal", async () => {
  let [asked, open] = [0, 0];
  const server = createServer(({ url }, response) => {
    asked++;
    open++;
    response.on("close", () => open--);
    if (url === "/silent.png") return;
    if (url === "/stalls.png") return void response.write(bytes.subarray(0, 20));
    if (url === "/busy.png" && asked < 3) return void response.writeHead(503, { "Retry-After": "0" }).end();
    if (url === "/breaks.png" && asked < 3)
      return void response
        .writeHead(200, { "Content-Length": bytes.length })
        .write(bytes.subarray(0, 20), () => setTimeout(() => response.destroy(), 10));
    response.end(bytes);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void (server.closeAllConnections(), server.close()));
  const root = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  for (const name of ["busy", "breaks"]) {
    asked = 0;
    expect((await decodeImage(`${root}/${name}.png`)).data, name).toEqual(pixels);
    expect(asked).toBe(3);
  }
  for (const name of ["silent", "stalls"]) {
    await expect(decodeImage(`${root}/${name}.png`, { idleTimeout: 0.05 })).rejects.toThrow(
      `/${name}.png: nothing came for 0.05 seconds (idleTimeout)`,
    );
    const controller = new AbortController();
    setTimeout(() => controller.abort(new Error("enough")), 50);
    await expect(decodeImage(`${root}/${name}.png`, { signal: controller.signal })).rejects.toThrow(/^enough$/);
  }
  await expect.poll(() => open).toBe(0);
});

test("a Blob and a Response beyond the limit aren't read to their ends", async () => {
  await expect(decodeImage(new Blob([bytes]), { maxBytes: 100 })).rejects.toThrow("the Blob is beyond the limit of 100 bytes (maxBytes)");
  let pulled = 0;
  const endless = new ReadableStream({ pull: (controller) => (pulled++, controller.enqueue(new Uint8Array(1000))) });
  await expect(decodeImage(new Response(endless), { maxBytes: 10_000 })).rejects.toThrow("the Response is beyond the limit");
  expect(pulled).toBeLessThan(15);
});

test.each<[string, unknown]>([
  ["bytes", "new Uint8Array(bytes)"],
  ["a buffer", "new Uint8Array(bytes).buffer"],
  ["a view", "new DataView(new Uint8Array(bytes).buffer)"],
  ["pixels", "({ width: 23, height: 19, data: new Uint8Array(pixels) })"],
  ["clamped pixels", "({ width: 23, height: 19, data: new Uint8ClampedArray(pixels) })"],
])("%s of another realm: microsoft/onnxruntime#16622, jestjs/jest#11864", async (_, code) => {
  const realm = createContext({ bytes: [...bytes], pixels: [...pixels] });
  expect((await decodeImage(runInContext(String(code), realm))).data).toEqual(pixels);
});

const grey = Uint8Array.from({ length: 6 }, (_, i) => 40 * i);
const threefold = [...grey].flatMap((value) => [value, value, value]);
const withAlpha = (values: readonly number[], channels: number): number[] =>
  values.flatMap((value, i) => ((i + 1) % channels === 0 ? [value, 7] : [value]));
test.each<[string, ArrayLike<number>]>([
  ["grey", grey],
  ["grey and alpha", Uint8Array.from(withAlpha([...grey], 1))],
  ["red, green, blue", Uint8Array.from(threefold)],
  ["with alpha", Uint8Array.from(withAlpha(threefold, 3))],
  ["ImageData", Uint8ClampedArray.from(withAlpha(threefold, 3))],
  ["a list", threefold],
  ["whole numbers as floats", Float32Array.from(threefold)],
])("pixels: %s", async (_, data) => {
  expect(await decodeImage({ width: 3, height: 2, data })).toEqual({ width: 3, height: 2, data: Uint8Array.from(threefold) });
});

const png = "PNG, JPEG, GIF, WebP and BMP can";
test.each<[unknown, string]>([
  [new Uint8Array(0), "the image is empty: it has no bytes"],
  [
    { width: 2, height: 2, data: new Uint8Array(11) },
    "an image of 2 × 2 has 4 bytes of grey, 12 of red, green, blue, or 16 with alpha, but 11 came",
  ],
  [{ width: 0, height: 2, data: new Uint8Array(0) }, "an image's sides are whole numbers from 1 on, but it is 0 × 2"],
  [{ width: 1.5, height: 2, data: new Uint8Array(9) }, "an image's sides are whole numbers from 1 on, but it is 1.5 × 2"],
  [{ width: "3", height: 2, data: new Uint8Array(18) }, "an image's sides are whole numbers from 1 on, but it is 3 × 2"],
  [
    { width: 1, height: 1, data: Float32Array.of(0.5, 1, 0) },
    "pixels are bytes, whole numbers from 0 to 255, but number 0 of Float32Array is 0.5",
  ],
  [{ width: 1, height: 1, data: [1, 2, 256] }, "pixels are bytes, whole numbers from 0 to 255, but number 2 of Array is 256"],
  [{ width: 1, height: 1, data: Int8Array.of(-1) }, "number 0 of Int8Array is -1"],
  [{ data: new Uint8Array(3), info: { width: 1 } }, 'this is an object (Object) with ["data","info"]'],
  [undefined, "but this is undefined"],
  [null, "but this is null"],
  [7, "but this is a number"],
  ["", "but this is an empty string"],
  [Promise.resolve(bytes), "but this is a promise; await it first"],
  [[...bytes], "but this is an array"],
  [new Float32Array(4), "but this is a Float32Array, whose numbers aren't bytes"],
  [{ width: 1, height: 1, getContext() {} }, "but this is a canvas; give context.getImageData(0, 0, width, height)"],
  ["no-such-picture.png", "no-such-picture.png: there is no such file"],
  [goldenFolder("image"), "is a folder, not a file"],
  ["file:///no/such.png", "/no/such.png: there is no such file"],
  ["/dev/zero", "/dev/zero: is a device, not a file"],
  [`${goldenFolder("image")}/pictures.json`, `pictures.json: this is JSON, which can't be read here; ${png}`],
  ["ftp://somewhere/x.png", "ftp://somewhere/x.png: there is no such file"],
])("%# isn't an image, and what it is is said", async (input, message) => {
  const refused = expect(decodeImage(input as ImageInput)).rejects;
  await refused.toThrow(message);
  await refused.toMatchObject({ name: "ImageError" });
});

const letters = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
test.each([
  ["\0\0\0\x1cftypavif\0\0\0\0", "an AVIF image"],
  ["\0\0\0\x20ftypmif1\0\0\0\0mif1avifmiaf", "an AVIF image"],
  ["\0\0\0\x18ftypheic\0\0\0\0", "an HEIC image"],
  ["\0\0\0\x18ftypmp42\0\0\0\0", "a video"],
  ["II*\0\x08\0\0\0", "a TIFF image"],
  ["MM\0*\0\0\0\x08", "a TIFF image"],
  ["\xff\x0a\0", "a JPEG XL image"],
  ["\0\0\0\x0cJXL \r\n\x87\n", "a JPEG XL image"],
  ["\0\0\0\x0cjP  \r\n\x87\n", "a JPEG 2000 image"],
  ["8BPS\0\x01", "a Photoshop file"],
  ["\0\0\x01\0\x01\0", "an icon"],
  ["%PDF-1.7", "a PDF document"],
  ["P6\n2 2\n255\n", "a Netpbm image"],
  ["RIFF\0\0\0\0AVI LIST", "a video"],
  ["\x1f\x8b\x08", "gzip-compressed data"],
  ["PK\x03\x04", "a zip archive"],
  ['<svg xmlns="http://www.w3.org/2000/svg"/>', "an SVG image"],
  ['\xef\xbb\xbf<?xml version="1.0"?>\n<!-- drawn -->\n<svg width="1"/>', "an SVG image"],
  ["<html>404</html>", "a web page"],
  ["\n<!DOCTYPE html>", "a web page"],
  ['{"error":"Not Found"}', "JSON"],
  ["version https://git-lfs.github.com/spec/v1\noid sha256:1", "a Git LFS pointer, not the file itself"],
  ["iVBORw0KGgoAAAANSUhEUg", "an image as base64 text"],
  ["\x89PNG\n\x1a\n\0\0", "a PNG image that was changed as if it were text"],
  ["\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\0\x10JFIF", "a JPEG image that was changed as if it were text"],
])("%j is called by its name: lovell/sharp#1105, lovell/sharp#1968", async (start, name) => {
  await expect(decodeImage(letters(start))).rejects.toThrow(`this is ${name}, which can't be read here; ${png}`);
});

test("what has no name is shown", async () => {
  await expect(decodeImage(letters("hello, world"))).rejects.toThrow(
    `not an image that can be read here: the file begins with 68 65 6c 6c 6f 2c 20 77; ${png}`,
  );
});

test("a file beyond maxBytes isn't read", async () => {
  const folder = mkdtempSync(join(tmpdir(), "pictures-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "long.png"), new Uint8Array(1001));
  await expect(decodeImage(join(folder, "long.png"), { maxBytes: 1000 })).rejects.toThrow(
    "long.png: its 1001 bytes are beyond the limit of 1000 (maxBytes)",
  );
});
