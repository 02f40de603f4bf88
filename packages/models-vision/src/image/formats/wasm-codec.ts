import { ImageError } from "../rgb-image.ts";

/** @param wasm deflate-raw, base64 */
export async function compile(wasm: string): Promise<WebAssembly.Module> {
  const deflated = Uint8Array.from(atob(wasm), (character) => character.charCodeAt(0));
  const inflated = new Blob([deflated]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  return WebAssembly.compile(await new Response(inflated).arrayBuffer());
}

/** A decoder that is compiled to WebAssembly and lives for one picture: whatever a file does to its memory ends with it. */
export class WasmCodec {
  readonly #format: string;
  readonly #exports: WebAssembly.Exports;

  private constructor(format: string, exports: WebAssembly.Exports) {
    this.#format = format;
    this.#exports = exports;
  }

  /** @param format for messages @throws ImageError where nothing may be compiled */
  static async start(format: string, compiled: Promise<WebAssembly.Module>): Promise<WasmCodec> {
    let module: WebAssembly.Module;
    try {
      module = await compiled;
    } catch (cause) {
      throw new ImageError(`${format}: its decoder is WebAssembly, which can't be compiled here`, { cause });
    }
    const imports: Record<string, Record<string, () => number>> = {};
    for (const { module: from, name } of WebAssembly.Module.imports(module))
      (imports[from] ??= {})[name] = name === "longjmp" ? giveUp : nothing;
    return new WasmCodec(format, (await WebAssembly.instantiate(module, imports)).exports);
  }

  /** @throws ImageError when the decoder gives the file up */
  call(name: string, ...numbers: readonly number[]): number {
    const callable = this.#exports[name];
    if (typeof callable !== "function") throw new ImageError(`${this.#format}: its decoder has no ${name}`);
    try {
      return Number(callable(...numbers));
    } catch (cause) {
      throw new ImageError(`${this.#format}: the file is damaged: its pixels can't be decoded`, { cause });
    }
  }

  /** Room in its memory. @returns the address */
  allocate(size: number): number {
    const pointer = this.call("malloc", size);
    if (pointer === 0) throw new ImageError(`${this.#format}: no memory for ${size} bytes`);
    return pointer >>> 0;
  }

  /** Copied into its memory. @returns the address */
  lend(bytes: Uint8Array): number {
    const pointer = this.allocate(bytes.length);
    this.view(pointer, bytes.length).set(bytes);
    return pointer;
  }

  /** Good until the next call. */
  view(pointer: number, length: number): Uint8Array {
    const { memory } = this.#exports;
    if (!(memory instanceof WebAssembly.Memory)) throw new ImageError(`${this.#format}: its decoder has no memory`);
    return new Uint8Array(memory.buffer, pointer >>> 0, length);
  }
}

/** The end of what C can't go on with. */
const giveUp = (): never => {
  throw new ImageError("the decoder gave up");
};

/** What it prints goes nowhere. */
const nothing = (): number => 0;
