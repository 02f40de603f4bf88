import { noGrad } from "@x/layers";
import { MLPMixer } from "@x/models-vision";
import { toTensor } from "../fixture.ts";
import { type Family, imageInputs } from "../family.ts";

export const mlpMixer: Family = {
  name: "MLP-Mixer",
  matches: ({ keys }) => keys.has("blocks.0.mlp_tokens.fc1.weight"),
  async run(fixture, check) {
    using model = await MLPMixer.fromPretrained(fixture.weights);
    for (const { key, endings } of imageInputs(fixture)) {
      noGrad(() => {
        const images = toTensor(fixture.io.get(key) ?? { shape: [0], data: [] });
        for (const ending of endings) {
          check(`logits${ending}`, model.forward(images).data);
          check(`features${ending}`, model.encode(images).data);
        }
      });
    }
  },
};
