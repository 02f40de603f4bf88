declare module "@echogarden/pffft-wasm/simd" {
  /** What Emscripten made of pffft.h. */
  interface PffftModule {
    readonly HEAPF32: Float32Array;
    _pffft_new_setup(length: number, kind: 0 | 1): number;
    _pffft_destroy_setup(setup: number): void;
    _pffft_transform_ordered(setup: number, input: number, output: number, work: number, direction: 0 | 1): void;
    _pffft_aligned_malloc(bytes: number): number;
    _pffft_aligned_free(pointer: number): void;
  }
  const open: () => Promise<PffftModule>;
  export default open;
}
