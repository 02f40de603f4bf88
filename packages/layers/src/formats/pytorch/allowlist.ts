/** What the names in PyTorch's pickles mean: the fixed list of those that are known, and the tensors that they make. */

import { CheckpointError, quote } from "../../files/checkpoint-error.ts";
import { type DType, elementCount, shapeText } from "../dtype.ts";
import { nameOf, type PickleHost, PickleObject, type PickleValue } from "./pickle.ts";

const storages: Readonly<Record<string, DType>> = {
  "torch.FloatStorage": "F32",
  "torch.HalfStorage": "F16",
  "torch.BFloat16Storage": "BF16",
  "torch.DoubleStorage": "F64",
  "torch.LongStorage": "I64",
  "torch.IntStorage": "I32",
  "torch.ShortStorage": "I16",
  "torch.CharStorage": "I8",
  "torch.ByteStorage": "U8",
  "torch.BoolStorage": "BOOL",
};

/** Which argument of these calls is the result. */
const identities: Readonly<Record<string, number>> = {
  "torch._utils._rebuild_parameter": 0,
  "torch._utils._rebuild_parameter_with_state": 0,
  "torch.nn.parameter.Parameter": 0,
  "torch.jit._pickle.restore_type_tag": 0,
  "torch.jit._pickle.build_intlist": 0,
  "torch.jit._pickle.build_boollist": 0,
  "torch.jit._pickle.build_doublelist": 0,
  "torch.jit._pickle.build_tensorlist": 0,
  "torch.Size": 0,
  "__builtin__.set": 0,
  "builtins.set": 0,
};

const rebuilds: ReadonlySet<string> = new Set(["torch._utils._rebuild_tensor_v2", "torch._utils._rebuild_tensor"]);
const dictionaries: ReadonlySet<string> = new Set(["collections.OrderedDict", "collections.defaultdict", "collections.Counter"]);

/** Settings and notes that training scripts leave beside the weights: kept as attribute bags, which nobody reads. */
const inert: ReadonlySet<string> = new Set([
  "argparse.Namespace",
  "yacs.config.CfgNode",
  "_codecs.encode",
  "numpy.dtype",
  "numpy.ndarray",
  "numpy.core.multiarray.scalar",
  "numpy._core.multiarray.scalar",
  "numpy.core.multiarray._reconstruct",
  "numpy._core.multiarray._reconstruct",
  "pathlib.Path",
  "pathlib.PosixPath",
  "pathlib.PurePosixPath",
  "pathlib.WindowsPath",
  "torch.device",
  "torch.torch_version.TorchVersion",
  ...["float32", "float16", "bfloat16", "float64", "int64", "int32", "int16", "int8", "uint8", "bool"].map((name) => `torch.${name}`),
]);

/** A class or function by name. */
class Name extends PickleObject {
  readonly what: string;

  constructor(name: string) {
    super();
    this.what = name;
  }
}

/** An object of a class that isn't run: its attributes only. */
export class Attributes extends PickleObject {
  readonly what: string;
  readonly state: Map<PickleValue, PickleValue> = new Map();
  readonly #copied: (entries: number) => void;

  /** @param copied is told how many entries are copied, before they are */
  constructor(name: string, copied: (entries: number) => void) {
    super();
    this.what = `an object of ${name}`;
    this.#copied = copied;
  }

  override build(state: PickleValue): void {
    if (!(state instanceof Map)) return;
    this.#copied(state.size);
    for (const [name, value] of state) this.state.set(name, value);
  }
}

/** A few bytes of pickle can ask for a copy of all that came before: copied entries more than this are hostile. */
const mostCopies = 4_000_000;

/** Numbers that lie outside of the pickle. */
export class Storage extends PickleObject {
  readonly what = "a storage";
  readonly dtype: DType;
  /** Its name in the archive. */
  readonly key: string;
  /** Elements. */
  readonly size: number;
  /** Where it begins in the storage of that name, in elements: only old files have views of storages. */
  readonly begin: number;

  constructor(dtype: DType, key: string, size: number, begin: number) {
    super();
    this.dtype = dtype;
    this.key = key;
    this.size = size;
    this.begin = begin;
  }
}

/** A tensor whose numbers weren't read yet. */
export class PickledTensor extends PickleObject {
  readonly what = "a tensor";
  readonly storage: Storage;
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];

  constructor(storage: Storage, offset: number, shape: readonly number[], strides: readonly number[]) {
    super();
    this.storage = storage;
    this.offset = offset;
    this.shape = shape;
    this.strides = strides;
  }
}

/** Tensors that are data, but of another kind. */
const otherTensors: readonly (readonly [pattern: RegExp, what: string])[] = [
  [/^torch(\._storage|\.storage)?\.(Complex\w+|Q\w+|QInt\w*)Storage$/, "complex or quantised numbers"],
  [/^torch\._utils\._rebuild_tensor_v3$/, "a tensor of a dtype such as float8 or uint16"],
  [/^torch\._utils\._rebuild_sparse/, "a sparse tensor"],
  [/^torch\._utils\._rebuild_(qtensor|per_channel)/, "a quantised tensor"],
  [/^torch\._utils\._rebuild_(meta_tensor|wrapper_subclass|nested_tensor|device_tensor)/, "a tensor without plain numbers"],
];

/** Knows PyTorch's names; collects the storages that the pickle mentions. */
export class PyTorchHost implements PickleHost {
  /** The storages themselves by key; a view's entry is the storage that it is a view of. */
  readonly storages: Map<string, Storage> = new Map();
  readonly #file: string;
  #copies = 0;

  constructor(file: string) {
    this.#file = file;
  }

  global(name: string): PickleObject {
    const known =
      Object.hasOwn(storages, name) || Object.hasOwn(identities, name) || rebuilds.has(name) || dictionaries.has(name) || inert.has(name);
    if (known || name.startsWith("__torch__.") || name === "torch._tensor._rebuild_from_type_v2" || name === "torch.Tensor") {
      return new Name(name);
    }
    const other = otherTensors.find(([pattern]) => pattern.test(name))?.[1];
    if (other !== undefined) {
      const expected = "tensors of float64, float32, float16, bfloat16, int8 to int64, uint8 or bool";
      throw new CheckpointError(`it holds ${other}, which isn't read here`, { file: this.#file, expected, found: quote(name) });
    }
    throw new CheckpointError(
      `the pickle asks for ${quote(name)}, which is not data and is never run; save the model's state_dict() instead, best as safetensors`,
      { file: this.#file, found: quote(name) },
    );
  }

  call(callee: PickleObject, args: readonly PickleValue[]): PickleValue {
    const name = callee.what;
    if (!(callee instanceof Name)) throw this.#refusal(`${name} is called`);
    if (rebuilds.has(name)) return this.#tensor(args);
    if (dictionaries.has(name)) return this.#dictionary(args[0] ?? null);
    if (Object.hasOwn(identities, name)) return args[identities[name] ?? 0] ?? [];
    if (name === "torch._tensor._rebuild_from_type_v2") return this.#fromType(args);
    if (name.startsWith("__torch__.") || inert.has(name)) return new Attributes(name, (entries) => this.#copy(entries));
    throw this.#refusal(`${quote(name)} is called`);
  }

  /** `('storage', type, key, location, numel[, view])`, a view being `(key, offset, size)`. */
  persistent(id: PickleValue): PickleValue {
    if (!Array.isArray(id) || id[0] !== "storage") throw this.#refusal(`the persistent id is ${nameOf(id)}, not a storage`);
    const [, type, key, , size, view] = id;
    const dtype = type instanceof Name && Object.hasOwn(storages, type.what) ? storages[type.what] : undefined;
    if (dtype === undefined) throw this.#refusal(`the storage's type is ${nameOf(type ?? null)}`);
    if (typeof key !== "string" || !isSize(size)) throw this.#refusal("a storage's key or size is damaged");
    const known = this.storages.get(key);
    const whole = known ?? new Storage(dtype, key, size, 0);
    if (whole.dtype !== dtype || whole.size !== size) throw this.#refusal(`the storage ${quote(key)} is described in two ways`);
    this.storages.set(key, whole);
    if (!Array.isArray(view)) return whole;
    const [, begin, length] = view;
    if (!isSize(begin) || !isSize(length) || begin + length > size) throw this.#refusal(`a view leaves the storage ${quote(key)}`);
    return new Storage(dtype, key, length, begin);
  }

  /** `(storage, offset, shape, strides, requires_grad, hooks[, metadata])` */
  #tensor([storage, offset, shape, strides, , , metadata]: readonly PickleValue[]): PickledTensor {
    const marks = metadata instanceof Map ? [...metadata].flatMap(([mark, value]) => (value === false ? [] : [String(mark)])) : [];
    if (marks.length > 0)
      throw this.#refusal(
        `a tensor's numbers are marked ${quote(marks.join(", ").slice(0, 100))}; save it after resolve_neg() and resolve_conj()`,
      );
    if (!(storage instanceof Storage) || !isSize(offset) || !areSizes(shape) || !areSizes(strides) || shape.length !== strides.length) {
      throw this.#refusal("a tensor's arguments are damaged");
    }
    const count = elementCount(shape);
    const last = shape.reduce((sum, size, axis) => sum + (size - 1) * (strides[axis] ?? 0), offset);
    if (Number.isNaN(count) || (count > 0 && !(last < storage.size))) {
      throw new CheckpointError("a tensor reaches beyond its storage", {
        file: this.#file,
        expected: `elements below ${storage.size}`,
        found: `${last}, from shape ${shapeText(shape)}, strides ${shapeText(strides)}, offset ${offset}`,
      });
    }
    return new PickledTensor(storage, storage.begin + offset, shape, strides);
  }

  /** `(function, type, arguments, state)`: a tensor with attributes, which are dropped. */
  #fromType([rebuild, , args]: readonly PickleValue[]): PickleValue {
    if (!(rebuild instanceof Name) || rebuild.what === "torch._tensor._rebuild_from_type_v2" || !Array.isArray(args)) {
      throw this.#refusal("a tensor's arguments are damaged");
    }
    return this.call(rebuild, args);
  }

  /** `OrderedDict()`, `OrderedDict([(key, value), …])`, `defaultdict(factory)`. */
  #dictionary(pairs: PickleValue): PickleValue {
    const entries = new Map<PickleValue, PickleValue>();
    if (!Array.isArray(pairs)) return entries;
    this.#copy(pairs.length);
    for (const pair of pairs) if (Array.isArray(pair)) entries.set(pair[0] ?? null, pair[1] ?? null);
    return entries;
  }

  #copy(entries: number): void {
    this.#copies += entries;
    if (this.#copies > mostCopies) throw this.#refusal(`more than ${mostCopies} entries are copied`);
  }

  #refusal(problem: string): CheckpointError {
    return new CheckpointError(`the pickle is refused: ${problem}`, { file: this.#file });
  }
}

function isSize(value: PickleValue | undefined): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function areSizes(value: PickleValue | undefined): value is number[] {
  return Array.isArray(value) && value.length <= 64 && value.every(isSize);
}
