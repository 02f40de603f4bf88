/** timm's `config.json`: what its every model has there. */
import { type KeyTable, keyTable } from "@x/layers/model";

type Lists = Partial<Omit<KeyTable, "file">>;

const bySize = "it is about other sizes of images";
const whereFrom = "it says where the weights are from, and whose they are";
const byShape = "the weights' shapes say it";
const training = "only training heeds it, and its options say it";

/** `pretrained_cfg`; older files have it at the root. */
const pretrained: Lists = {
  followed: ["input_size", "interpolation", "crop_pct", "crop_mode", "mean", "std", "architecture", "label_names"],
  passedOver: {
    [byShape]: ["num_classes", "pool_size", "first_conv", "classifier"],
    [bySize]: ["test_input_size", "test_crop_pct", "test_pool_size", "min_input_size", "fixed_input_size"],
    [whereFrom]: [
      "url", "file", "hf_hub_id", "hf_hub_filename", "source", "state_dict", "tag", "custom_load", "license", "description", "origin_url", "paper_name", "paper_ids", "notes",
    ],
    "names stand in `label_names`": ["label_descriptions"],
  },
  refused: { label_offset: { unless: [0], because: "all classes of the head are told" } },
  kinds: { architecture: "a text", input_size: "a number, or several" },
}; // prettier-ignore

const root: Lists = {
  followed: ["label_names", "labels", "problem_type", "initializer_range"],
  passedOver: { [byShape]: ["num_classes", "num_features", "global_pool"], "names stand in `label_names`": ["label_descriptions"] },
};

/** What the arguments of its classes have in common. */
const common: Lists = {
  passedOver: {
    [byShape]: ["num_classes", "in_chans", "img_size", "patch_size", "embed_dim", "mlp_ratio", "qkv_bias"],
    [training]: [
      "drop_rate",
      "pos_drop_rate",
      "patch_drop_rate",
      "proj_drop_rate",
      "attn_drop_rate",
      "drop_path_rate",
      "weight_init",
      "fix_init",
    ],
    [bySize]: ["dynamic_img_size", "dynamic_img_pad", "strict_img_size"],
    "every number is a float32 here": ["dtype", "device"],
  },
  refused: {
    norm_layer: { because: "another norm isn't here" },
    act_layer: { because: "another activation isn't here" },
    embed_layer: { because: "patches are always embedded the same way" },
    mlp_layer: { because: "another MLP isn't here" },
  },
  kinds: {
    img_size: "a number, or several",
    proj_drop_rate: "a number",
    attn_drop_rate: "a number",
    drop_path_rate: "a number",
    init_values: "a number",
    layer_norm_eps: "a number",
    initializer_range: "a number",
  },
};

/**
 * The table of a model's `config.json` from timm, whose arguments stand in `model_args`, or in a file written by hand at the root.
 * @param args the arguments of timm's class
 */
export function timmKeys(model: string, args: Lists): KeyTable {
  const nested = {
    pretrained_cfg: keyTable(`pretrained_cfg of timm's ${model}`, pretrained),
    model_args: keyTable(`model_args of timm's ${model}`, args, common),
  };
  return keyTable(`config.json of timm's ${model}`, args, root, pretrained, common, { nested });
}
