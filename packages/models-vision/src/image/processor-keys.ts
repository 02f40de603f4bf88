/** What `preprocessor_config.json` may say. */
import type { KeyTable } from "@x/layers/model";

export const processorKeys: KeyTable = {
  file: "preprocessor_config.json",
  followed: [
    "image_processor_type", "feature_extractor_type", "do_resize", "size", "default_to_square", "resample", "do_center_crop", "crop_size", "crop_pct", "crop_rounding",
    "do_rescale", "rescale_factor", "do_normalize", "image_mean", "image_std", "num_channels", "do_pad", "pad_size",
  ],
  passedOver: {
    "pictures become red, green and blue in any case": ["do_convert_rgb"],
    "it says how a call takes and gives pictures": ["data_format", "input_data_format", "return_tensors", "device", "disable_grouping", "image_seq_length"],
    "it says who wrote the file, and where": [
      "processor_class", "_processor_class", "auto_map", "transformers_version", "_name_or_path", "_valid_processor_keys", "feature_extractor_class",
    ],
    "only maps of labels heed it": ["do_reduce_labels", "reduce_labels"],
    "only other classes heed it": ["size_divisor"],
  },
  refused: {
    do_flip_channel_order: { unless: [false], because: "channels stay red, green, blue" },
    rescale_offset: { unless: [false], because: "values are multiplied, and nothing is added" },
    do_thumbnail: { unless: [false], because: "pictures are resized as `size` says" },
    do_align_long_axis: { unless: [false], because: "pictures aren't turned" },
    do_color_quantize: { unless: [false], because: "colours stay as they are" },
  },
}; // prettier-ignore
