const nothing = {};

/**
 * What `using` is compiled to, in place of the compiler's own helper, which is four times as long because it also waits (`await using`, and packages that have it keep that one): `u` takes what is to
 * be disposed of, `e` is the block's error, `d` ends the block.
 */
export default function usingContext() {
  const held = [];
  return {
    e: nothing,
    u(value) {
      if (value) held.push(value);
      return value;
    },
    d() {
      let error = this.e;
      while (held.length > 0) {
        try {
          held.pop()[Symbol.dispose]();
        } catch (later) {
          error =
            error === nothing
              ? later
              : Object.assign(new Error("disposing failed, too"), { name: "SuppressedError", error: later, suppressed: error });
        }
      }
      if (error !== nothing) throw error;
    },
  };
}
