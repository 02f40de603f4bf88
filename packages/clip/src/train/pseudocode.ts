import { add, crossEntropy, exp, intTensor, matmul, multiply, normalize, scaleAndShift, type Tensor, transpose } from "@x/layers";

/** The names of figure 3. */
export interface PseudocodeInputs {
  /** ResNet or Vision Transformer. */
  readonly imageEncoder: (images: Tensor) => Tensor;
  /** CBOW or Text Transformer. */
  readonly textEncoder: (texts: Tensor<"int32">) => Tensor;
  /** I, a minibatch of aligned images (n, …). */
  readonly images: Tensor;
  /** T, a minibatch of aligned texts (n, l). */
  readonly texts: Tensor<"int32">;
  /** W_i (d_i, d_e), learned projection of image to embedding. */
  readonly imageProjection: Tensor;
  /** W_t (d_t, d_e), learned projection of text to embedding. */
  readonly textProjection: Tensor;
  /** t (), learned temperature. */
  readonly temperature: Tensor;
}

/** "Numpy-like pseudocode for the core of an implementation of CLIP", line by line. Radford et al. 2021, figure 3. @returns the loss () */
export function clipPseudocode(inputs: PseudocodeInputs): Tensor {
  const { imageEncoder, textEncoder, images, texts, imageProjection, textProjection, temperature } = inputs;
  // extract feature representations of each modality
  const imageFeatures = imageEncoder(images); //                                          (n, d_i)
  const textFeatures = textEncoder(texts); //                                             (n, d_t)
  // joint multimodal embedding
  const imageEmbeddings = normalize(matmul(imageFeatures, imageProjection)); //           (n, d_e)
  const textEmbeddings = normalize(matmul(textFeatures, textProjection)); //              (n, d_e)
  // scaled pairwise cosine similarities
  const logits = multiply(matmul(imageEmbeddings, transpose(textEmbeddings)), exp(temperature)); // (n, n)
  // symmetric loss function
  const labels = intTensor(Array.from({ length: images.shape[0] ?? 0 }, (_, i) => i));
  const imageLoss = crossEntropy(transpose(logits), labels); //                           along axis 0
  const textLoss = crossEntropy(logits, labels); //                                       along axis 1
  return scaleAndShift(add(imageLoss, textLoss), 0.5, 0);
}
