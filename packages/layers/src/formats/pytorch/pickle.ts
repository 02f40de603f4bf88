/**
 * A pickle machine that can execute nothing: Python's opcodes, as far as data needs them, on a stack of plain values. Names of classes and
 * functions go to the host, which knows a fixed list of them and refuses all others. Opcodes: CPython's Lib/pickletools.py, protocols 2 to 5.
 */

import { CheckpointError, quote } from "../../files/checkpoint-error.ts";

export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | PickleValue[]
  | Map<PickleValue, PickleValue>
  | PickleObject;

/** What a host makes: a name, a tensor, an object's attributes. */
export abstract class PickleObject {
  /** What kind of thing it is, for messages. */
  abstract readonly what: string;
  /** BUILD: the object's attributes. */
  build(_state: PickleValue): void {}
}

/** What names mean. Each method throws a `CheckpointError` for what it doesn't know. */
export interface PickleHost {
  /** GLOBAL: a class or function by its full name. */
  global(name: string): PickleObject;
  /** REDUCE and NEWOBJ: called with arguments. */
  call(callee: PickleObject, args: readonly PickleValue[]): PickleValue;
  /** BINPERSID: an object that is kept outside of the pickle. */
  persistent(id: PickleValue): PickleValue;
}

/** More objects, stack or memo entries than this are hostile: PyTorch makes about five objects a tensor. */
const mostObjects = 1_000_000;
const mostEntries = 4_000_000;

/** The pickle isn't whole in the bytes that were given. */
export class PickleCutError extends CheckpointError {}

/**
 * Reads the pickle that starts at `begin`.
 * @param file for messages
 * @returns its value and where it ends
 * @throws PickleCutError when the bytes end before the pickle does
 * @throws CheckpointError when it is malformed, too large, or asks for something that the host refuses
 */
export function unpickle(bytes: Uint8Array, begin: number, host: PickleHost, file: string): { value: PickleValue; end: number } {
  return new Machine(bytes, begin, host, file).run();
}

class Machine {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #host: PickleHost;
  readonly #file: string;
  #at: number;
  #objects = 0;
  readonly #stack: PickleValue[] = [];
  readonly #marks: number[] = [];
  readonly #memo = new Map<number, PickleValue>();
  readonly #decoder = new TextDecoder();

  constructor(bytes: Uint8Array, begin: number, host: PickleHost, file: string) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#at = begin;
    this.#host = host;
    this.#file = file;
  }

  run(): { value: PickleValue; end: number } {
    for (;;) {
      const opcode = this.uint(1);
      if (opcode === stop) return { value: this.pop(), end: this.#at };
      const step = steps[opcode];
      if (!step) throw this.#refusal(`the opcode 0x${opcode.toString(16)} at ${this.#at - 1} is not one that data needs`);
      step(this);
      if (this.#stack.length > mostEntries || this.#memo.size > mostEntries) throw this.#refusal("too many values");
    }
  }

  #refusal(problem: string): CheckpointError {
    return new CheckpointError(`the pickle is refused: ${problem}`, { file: this.#file });
  }

  #need(count: number): void {
    if (this.#at + count > this.#bytes.length) throw new PickleCutError("the pickle is cut short", { file: this.#file });
  }

  skip(count: number): void {
    this.#need(count);
    this.#at += count;
  }

  uint(width: 1 | 2 | 4): number {
    this.#need(width);
    const at = this.#at;
    this.#at += width;
    if (width === 1) return this.#view.getUint8(at);
    return width === 2 ? this.#view.getUint16(at, true) : this.#view.getUint32(at, true);
  }

  float(): number {
    this.skip(8);
    return this.#view.getFloat64(this.#at - 8); // big-endian, alone among the opcodes
  }

  take(length: number): Uint8Array {
    this.skip(length);
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  text(length: number): string {
    return this.#decoder.decode(this.take(length));
  }

  line(): string {
    const end = this.#bytes.indexOf(0x0a, this.#at);
    if (end - this.#at > 1000) throw this.#refusal("a name of more than 1000 characters");
    if (end < 0) this.#need(this.#bytes.length);
    const text = this.text(end - this.#at);
    this.skip(1);
    return text;
  }

  /** Two's complement, little-endian, at most 255 bytes. A bigint only beyond 2^53. */
  long(length: number): number | bigint {
    const bytes = this.take(length);
    let value = 0n;
    for (let i = length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i] ?? 0);
    if (((bytes[length - 1] ?? 0) & 0x80) !== 0) value -= 1n << BigInt(8 * length);
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value;
  }

  push(value: PickleValue): void {
    this.#stack.push(value);
  }

  make(value: PickleValue): void {
    if (++this.#objects > mostObjects) throw this.#refusal(`more than ${mostObjects} objects`);
    this.push(value);
  }

  pop(): PickleValue {
    const value = this.#stack.pop();
    if (value === undefined) throw this.#refusal("the stack is empty");
    return value;
  }

  popSome(count: number): PickleValue[] {
    if (this.#stack.length < count) throw this.#refusal("the stack is empty");
    return this.#stack.splice(this.#stack.length - count, count);
  }

  mark(): void {
    if (this.#marks.push(this.#stack.length) > mostEntries) throw this.#refusal("too many marks");
  }

  popToMark(): PickleValue[] {
    const mark = this.#marks.pop();
    if (mark === undefined || mark > this.#stack.length) throw this.#refusal("there is no mark");
    return this.#stack.splice(mark);
  }

  drop(): void {
    if (this.#marks.at(-1) === this.#stack.length) this.#marks.pop();
    else this.pop();
  }

  remember(index: number): void {
    const value = this.#stack.at(-1);
    if (value === undefined) throw this.#refusal("the stack is empty");
    this.#memo.set(index, value);
  }

  memoize(): void {
    this.remember(this.#memo.size);
  }

  recall(index: number): PickleValue {
    const value = this.#memo.get(index);
    if (value === undefined) throw this.#refusal(`the memo has no entry ${index}`);
    return value;
  }

  append(items: PickleValue[]): void {
    const list = this.#stack.at(-1);
    // An object that is a list in Python, whose content nobody reads, takes them silently.
    if (list instanceof PickleObject) return;
    if (!isList(list)) throw this.#refusal("items are appended to what is not a list");
    for (const item of items) list.push(item);
  }

  setItems(items: PickleValue[]): void {
    const target = this.#stack.at(-1);
    if (items.length % 2 !== 0) throw this.#refusal("a key without a value");
    if (target instanceof PickleObject) return;
    if (!(target instanceof Map)) throw this.#refusal("items are set on what is not a dictionary");
    for (let i = 0; i < items.length; i += 2) target.set(items[i] ?? null, items[i + 1] ?? null);
  }

  stackGlobal(): void {
    const [module, name] = this.popSome(2);
    if (typeof module !== "string" || typeof name !== "string") throw this.#refusal("a name that is not text");
    this.global(`${module}.${name}`);
  }

  global(name: string): void {
    this.make(this.#host.global(name));
  }

  persistent(): void {
    this.make(this.#host.persistent(this.pop()));
  }

  call(): void {
    const [callee, args] = this.popSome(2);
    if (!(callee instanceof PickleObject) || !isList(args)) throw this.#refusal("what is called is not a known name");
    this.make(this.#host.call(callee, args));
  }

  /** Attributes set on a dictionary, such as a state dict's `_metadata`, are not data. */
  build(): void {
    const state = this.pop();
    const target = this.#stack.at(-1);
    if (target instanceof PickleObject) target.build(state);
    else if (!(target instanceof Map)) throw this.#refusal("attributes are set on what is not an object");
  }
}

const stop = 0x2e;

/** What each opcode does; tuples and sets are kept as lists. */
const steps: Readonly<Record<number, (machine: Machine) => void>> = {
  0x80: (m) => m.skip(1), //                          PROTO
  0x95: (m) => m.skip(8), //                          FRAME
  0x4e: (m) => m.push(null), //                       NONE
  0x88: (m) => m.push(true), //                       NEWTRUE
  0x89: (m) => m.push(false), //                      NEWFALSE
  0x4b: (m) => m.push(m.uint(1)), //                  BININT1
  0x4d: (m) => m.push(m.uint(2)), //                  BININT2
  0x4a: (m) => m.push(m.uint(4) | 0), //              BININT
  0x8a: (m) => m.make(m.long(m.uint(1))), //          LONG1
  0x47: (m) => m.push(m.float()), //                  BINFLOAT
  0x58: (m) => m.push(m.text(m.uint(4))), //          BINUNICODE
  0x8c: (m) => m.push(m.text(m.uint(1))), //          SHORT_BINUNICODE
  0x54: (m) => m.push(m.text(m.uint(4))), //          BINSTRING
  0x55: (m) => m.push(m.text(m.uint(1))), //          SHORT_BINSTRING
  0x42: (m) => m.make(m.take(m.uint(4))), //          BINBYTES
  0x43: (m) => m.make(m.take(m.uint(1))), //          SHORT_BINBYTES
  0x71: (m) => m.remember(m.uint(1)), //              BINPUT
  0x72: (m) => m.remember(m.uint(4)), //              LONG_BINPUT
  0x94: (m) => m.memoize(), //                        MEMOIZE
  0x68: (m) => m.push(m.recall(m.uint(1))), //        BINGET
  0x6a: (m) => m.push(m.recall(m.uint(4))), //        LONG_BINGET
  0x28: (m) => m.mark(), //                           MARK
  0x30: (m) => m.drop(), //                           POP
  0x29: (m) => m.make([]), //                         EMPTY_TUPLE
  0x5d: (m) => m.make([]), //                         EMPTY_LIST
  0x8f: (m) => m.make([]), //                         EMPTY_SET
  0x85: (m) => m.make(m.popSome(1)), //               TUPLE1
  0x86: (m) => m.make(m.popSome(2)), //               TUPLE2
  0x87: (m) => m.make(m.popSome(3)), //               TUPLE3
  0x74: (m) => m.make(m.popToMark()), //              TUPLE
  0x91: (m) => m.make(m.popToMark()), //              FROZENSET
  0x61: (m) => m.append(m.popSome(1)), //             APPEND
  0x65: (m) => m.append(m.popToMark()), //            APPENDS
  0x90: (m) => m.append(m.popToMark()), //            ADDITEMS
  0x7d: (m) => m.make(new Map()), //                  EMPTY_DICT
  0x73: (m) => m.setItems(m.popSome(2)), //           SETITEM
  0x75: (m) => m.setItems(m.popToMark()), //          SETITEMS
  0x63: (m) => m.global(`${m.line()}.${m.line()}`), //GLOBAL
  0x93: (m) => m.stackGlobal(), //                    STACK_GLOBAL
  0x52: (m) => m.call(), //                           REDUCE
  0x81: (m) => m.call(), //                           NEWOBJ
  0x62: (m) => m.build(), //                          BUILD
  0x51: (m) => m.persistent(), //                     BINPERSID
};

function isList(value: PickleValue | undefined): value is PickleValue[] {
  return Array.isArray(value);
}

/** A name from a pickle, as it stands in messages. */
export function nameOf(value: PickleValue): string {
  if (value instanceof PickleObject) return value.what;
  return typeof value === "string" ? quote(value) : typeof value;
}
