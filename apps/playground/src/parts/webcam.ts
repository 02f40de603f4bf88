import { h } from "../dom.ts";

export interface Webcam {
  readonly element: HTMLElement;
  /** Asks for the camera, and shows it. */
  start(): Promise<void>;
  stop(): void;
  isOn(): boolean;
  /** What it sees now, the middle square, `side` pixels wide. */
  pixels(side: number): ImageData;
}

/** The visitor's camera, off until it is asked for, and when the signal comes. @param onFrame a few times a second, 28 pixels wide */
export function webcam(signal: AbortSignal, onFrame: (image: ImageData) => void): Webcam {
  const video = h("video", { autoplay: true, muted: true, playsInline: true, "aria-label": "Your camera" });
  const told = h("p", { className: "hint", role: "status" });
  const element = h("div", {}, h("div", { className: "picture" }, video), told);
  let [stream, timer]: [MediaStream | undefined, number | undefined] = [undefined, undefined];
  const stop = (): void => {
    for (const track of stream?.getTracks() ?? []) track.stop();
    clearInterval(timer);
    stream = undefined;
  };
  const pixels = (side: number): ImageData => {
    const context = new OffscreenCanvas(side, side).getContext("2d");
    if (!context) throw new Error("this browser has no canvas");
    const square = Math.min(video.videoWidth, video.videoHeight);
    if (square > 0)
      context.drawImage(video, (video.videoWidth - square) / 2, (video.videoHeight - square) / 2, square, square, 0, 0, side, side);
    return context.getImageData(0, 0, side, side);
  };
  signal.addEventListener("abort", stop, { once: true });
  return {
    element,
    async start() {
      try {
        stream = await navigator.mediaDevices.getUserMedia({ video: { width: 320, height: 320 } });
        if (signal.aborted) return stop();
        video.srcObject = stream;
        timer = setInterval(() => onFrame(pixels(28)), 200) as unknown as number;
        told.textContent = "Nothing of it leaves this tab.";
      } catch (error) {
        told.textContent = `There is no camera to be had: ${error instanceof Error ? error.message : String(error)}`;
      }
    },
    stop,
    isOn: () => stream !== undefined,
    pixels,
  };
}
