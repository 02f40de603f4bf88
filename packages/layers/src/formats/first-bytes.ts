/** Whether these first bytes of a file are a zip's: PyTorch's form since 1.6. */
export function isZip(head: Uint8Array): boolean {
  return head[0] === 0x50 && head[1] === 0x4b && (head[2] === 3 || head[2] === 5);
}

/** Whether they are a pickle's, the opcode PROTO: PyTorch's form before. */
export function isPickle(head: Uint8Array): boolean {
  return head[0] === 0x80 && (head[1] ?? 9) <= 5;
}
