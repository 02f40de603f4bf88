/** First address above the static data: where JavaScript's allocator may begin. */
export function staticEnd(): usize {
  return __heap_base;
}
