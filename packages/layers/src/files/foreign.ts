/** What people bring instead of a file: told by its first bytes. */

const convert = "convert it to safetensors with the library that wrote it";
const fetchIt = "fetch that with `git lfs pull`, or load the repository from the hub by its name";
const unpack = "unpack it first";

/** The first field of a Protocol Buffers message, a small number, and the tag of the next. */
const protobuf = (least: number, most: number) => (start: string) => {
  const [tag, version, next] = [0, 1, 2].map((at) => start.charCodeAt(at)) as [number, number, number];
  return tag === 8 && version >= least && version <= most && [0x12, 0x1a, 0x3a].includes(next);
};

type Begins = string | RegExp | ((start: string) => boolean);

const foreign: readonly (readonly [begins: Begins, what: string, remedy: string])[] = [
  ["version https://git-lfs", "a pointer of git-lfs, not the file itself", fetchIt],
  [
    /^(\xef\xbb\xbf)?\s*(<!--[^]{0,400}?-->\s*)*<(!doctype html|html|head|body|script)/i,
    "a web page, not the file itself",
    "look at its address: the hub has files below …/resolve/main/, and pages below …/blob/main/",
  ],
  [
    /^(\xef\xbb\xbf)?\s*<(\?xml|Error>)/i,
    "XML, such as a server's refusal, not the file itself",
    "look at its address, and whether it needs a token",
  ],
  ["GGUF", "GGUF, llama.cpp's format", "take the repository that it was made from"],
  ["\x89HDF\r\n\x1a\n", "HDF5, Keras' and TensorFlow's format", convert],
  ["\x93NUMPY", "a NumPy array", convert],
  [protobuf(2, 15), "ONNX", "take the PyTorch or safetensors file that it was made from"],
  [protobuf(1, 1), "a TensorFlow SavedModel", convert],
  [/^[^]{4}TFL3/, "TensorFlow Lite", "take the model that it was made from"],
  [/^[\x81-\x8f\xde][^]{0,2}[\xa1-\xbf\xd9][a-z_]/, "msgpack, Flax's format", convert],
  ["\x1f\x8b", "compressed by gzip", unpack],
  ["\xfd7zXZ", "compressed by xz", unpack],
  ["BZh", "compressed by bzip2", unpack],
  ["\x28\xb5\x2f\xfd", "compressed by zstd", unpack],
  ["7z\xbc\xaf\x27\x1c", "a 7z archive", unpack],
  ["PAR1", "Parquet, a data set's format", "look for the model's files"],
  ["%PDF", "a PDF document", "look for the model's files"],
];

/** What these first bytes of a file are instead, and what to do; undefined if nothing that is known. */
export function foreigner(head: Uint8Array): string | undefined {
  const start = String.fromCharCode(...head.subarray(0, 512));
  const found = foreign.find(([begins]) => {
    if (typeof begins === "string") return start.startsWith(begins);
    return typeof begins === "function" ? begins(start) : begins.test(start);
  });
  return found && `${found[1]}: ${found[2]}`;
}
