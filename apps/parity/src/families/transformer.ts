import { intTensor, noGrad, paddingMask } from "@x/layers";
import { EncoderDecoder } from "@x/models-nlp";
import { toTensor } from "../fixture.ts";
import type { Family } from "../family.ts";

/** torch.nn.Transformer: vectors in, vectors out. `src_pad` is 1 for padding. */
export const transformer: Family = {
  name: "Transformer",
  matches: ({ keys }) =>
    keys.has("encoder.layers.0.self_attn.in_proj_weight") && keys.has("decoder.layers.0.multihead_attn.in_proj_weight"),
  async run({ weights, io }, check) {
    const [source, target, padding] = [io.get("src"), io.get("tgt"), io.get("src_pad")];
    if (!source || !target) return;
    using model = await EncoderDecoder.fromPretrained(weights);
    noGrad(() => {
      const kept = padding?.data.map((isPadding) => 1 - isPadding);
      const mask = kept && padding && paddingMask(intTensor(kept, padding.shape));
      const memory = model.encoder.forward(toTensor(source), { mask });
      const [width = 1, expected] = [source.shape[2], io.get("memory")?.data ?? []];
      // PyTorch's fast path leaves zeros where the source is padded.
      const isLeftOut = (i: number): boolean => kept?.[Math.floor(i / width)] === 0 && expected[i] === 0;
      check(
        "memory",
        memory.data.map((value, i) => (isLeftOut(i) ? 0 : value)),
      );
      check("out", model.decoder.forward(toTensor(target), model.decoder.remember(memory), { memoryMask: mask }).data);
    });
  },
};
