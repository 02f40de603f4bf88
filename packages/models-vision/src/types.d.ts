declare module "@cornerstonejs/codec-libjpeg-turbo-8bit/decode" {
  interface JpegDecoder {
    getEncodedBuffer(length: number): Uint8Array;
    decode(): void;
    getFrameInfo(): { readonly width: number; readonly height: number; readonly componentCount: number };
    getDecodedBuffer(): Uint8Array;
    delete(): void;
  }
  export default function create(): Promise<{ readonly JPEGDecoder: new () => JpegDecoder }>;
}
