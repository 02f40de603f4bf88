import { fourierMix, Module, type Tensor, type TokenMixer } from "@x/layers";

/**
 * The Fourier sublayer, y = Re F_seq(F_hidden(x)): no parameters, no normalisation, nothing to mask. It stands wherever a self-attention does.
 *
 * Every token counts, padding too: a text gives other numbers when it is padded to another length. Google's models were trained on texts padded to
 * 512 tokens. Lee-Thorp et al. 2022, §3.2, eq. 3.
 */
export class FourierMixing extends Module implements TokenMixer<unknown> {
  /** x (B, N, D) → (B, N, D), of any lengths */
  forward(x: Tensor): Tensor {
    return fourierMix(x);
  }
}
