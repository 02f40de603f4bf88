/**
 * Discrete Fourier transform of eight sequences at once, W[k] = Σ_j z[j]·e^(−2πijk/n), in place, of any length.
 *
 * Lengths of factors 2, 3, 4 and 5: Cooley & Tukey 1965, decimation in frequency. A pass of radix r turns every block of `span`·r elements
 * into r blocks of `span`, so frequencies come out with their digits reversed, and whoever reads them looks up where (`pairs` of the plan).
 * Other lengths: Bluestein 1970, a convolution with e^(iπj²/n) by way of a longer transform that has such factors.
 *
 * Layout: an element is 32 bytes, four real and then four imaginary parts; nothing ever crosses lanes. The plan is made by src/fft-plan.ts,
 * all angles in float64. Its words (4 bytes each) 0 and 1 are n and the length of the passes; the next five where in it, in bytes, lie
 *   pairs   (i32, i32) for k = 0…⌊n/2⌋ and on to a multiple of 8: at which byte of z frequencies k and n − k come out
 *   passes  radix r as i32, then (cos, sin) of e^(−2πijq/(r·span)) for j = 1…span − 1, q = 1…r − 1; a radix of 0 ends them
 * and, if n isn't the length of the passes,
 *   chirp   (cos, sin) of e^(−iπj²/n) for j = 0…n − 1
 *   filter  (re, im) of the transform of the convolution's kernel
 *   order   i32 for each frequency: at which byte the passes leave it
 */
import { madd, nmadd } from "../simd/madd";

const ELEMENT: usize = 32;

/** √3/2, ½; cos 72°, −cos 144°, sin 72°, sin 144°. */
const CONSTANTS = memory.data<f32>([
  0.86602540378443865, 0.5, 0.30901699437494742, 0.80901699437494742, 0.95105651629515357, 0.58778525229247313,
]);

// @ts-ignore: decorator
@inline
function constant(index: i32): v128 {
  return v128.load_splat<f32>(CONSTANTS + (<usize>index << 2));
}

/** Stores re + i·im, turned by the twiddle at w unless that is 0. */
// @ts-ignore: decorator
@inline
function put(target: usize, re: v128, im: v128, w: usize): void {
  if (w) {
    const c = v128.load_splat<f32>(w);
    const s = v128.load_splat<f32>(w, 4);
    v128.store(target, nmadd(im, s, f32x4.mul(re, c)));
    v128.store(target, madd(im, c, f32x4.mul(re, s)), 16);
  } else {
    v128.store(target, re);
    v128.store(target, im, 16);
  }
}

// @ts-ignore: decorator
@inline
function butterfly2(z: usize, span: usize, w: usize): void {
  const z1 = z + span;
  const aRe = v128.load(z);
  const aIm = v128.load(z, 16);
  const bRe = v128.load(z1);
  const bIm = v128.load(z1, 16);
  put(z, f32x4.add(aRe, bRe), f32x4.add(aIm, bIm), 0);
  put(z1, f32x4.sub(aRe, bRe), f32x4.sub(aIm, bIm), w);
}

// @ts-ignore: decorator
@inline
function butterfly3(z: usize, span: usize, w: usize): void {
  const z1 = z + span;
  const z2 = z1 + span;
  const aRe = v128.load(z);
  const aIm = v128.load(z, 16);
  const sumRe = f32x4.add(v128.load(z1), v128.load(z2));
  const sumIm = f32x4.add(v128.load(z1, 16), v128.load(z2, 16));
  const sine = constant(0);
  const turnRe = f32x4.mul(f32x4.sub(v128.load(z1, 16), v128.load(z2, 16)), sine); // −i·sin 60°·(b − c)
  const turnIm = f32x4.mul(f32x4.sub(v128.load(z2), v128.load(z1)), sine);
  const half = constant(1);
  const midRe = nmadd(sumRe, half, aRe);
  const midIm = nmadd(sumIm, half, aIm);
  put(z, f32x4.add(aRe, sumRe), f32x4.add(aIm, sumIm), 0);
  put(z1, f32x4.add(midRe, turnRe), f32x4.add(midIm, turnIm), w);
  put(z2, f32x4.sub(midRe, turnRe), f32x4.sub(midIm, turnIm), w ? w + 8 : 0);
}

// @ts-ignore: decorator
@inline
function butterfly4(z: usize, span: usize, w: usize): void {
  const z1 = z + span;
  const z2 = z1 + span;
  const z3 = z2 + span;
  const sumRe = f32x4.add(v128.load(z), v128.load(z2));
  const sumIm = f32x4.add(v128.load(z, 16), v128.load(z2, 16));
  const differenceRe = f32x4.sub(v128.load(z), v128.load(z2));
  const differenceIm = f32x4.sub(v128.load(z, 16), v128.load(z2, 16));
  const oddRe = f32x4.add(v128.load(z1), v128.load(z3));
  const oddIm = f32x4.add(v128.load(z1, 16), v128.load(z3, 16));
  const turnRe = f32x4.sub(v128.load(z1, 16), v128.load(z3, 16)); // −i·(b − d)
  const turnIm = f32x4.sub(v128.load(z3), v128.load(z1));
  put(z, f32x4.add(sumRe, oddRe), f32x4.add(sumIm, oddIm), 0);
  put(z1, f32x4.add(differenceRe, turnRe), f32x4.add(differenceIm, turnIm), w);
  put(z2, f32x4.sub(sumRe, oddRe), f32x4.sub(sumIm, oddIm), w ? w + 8 : 0);
  put(z3, f32x4.sub(differenceRe, turnRe), f32x4.sub(differenceIm, turnIm), w ? w + 16 : 0);
}

// @ts-ignore: decorator
@inline
function butterfly5(z: usize, span: usize, w: usize): void {
  const z1 = z + span;
  const z2 = z1 + span;
  const z3 = z2 + span;
  const z4 = z3 + span;
  const aRe = v128.load(z);
  const aIm = v128.load(z, 16);
  const outerRe = f32x4.add(v128.load(z1), v128.load(z4));
  const outerIm = f32x4.add(v128.load(z1, 16), v128.load(z4, 16));
  const innerRe = f32x4.add(v128.load(z2), v128.load(z3));
  const innerIm = f32x4.add(v128.load(z2, 16), v128.load(z3, 16));
  const c1 = constant(2);
  const c2 = constant(3);
  const mid1Re = nmadd(innerRe, c2, madd(outerRe, c1, aRe));
  const mid1Im = nmadd(innerIm, c2, madd(outerIm, c1, aIm));
  const mid2Re = madd(innerRe, c1, nmadd(outerRe, c2, aRe));
  const mid2Im = madd(innerIm, c1, nmadd(outerIm, c2, aIm));
  const outerTurnRe = f32x4.sub(v128.load(z1, 16), v128.load(z4, 16)); // −i·(b − e)
  const outerTurnIm = f32x4.sub(v128.load(z4), v128.load(z1));
  const innerTurnRe = f32x4.sub(v128.load(z2, 16), v128.load(z3, 16)); // −i·(c − d)
  const innerTurnIm = f32x4.sub(v128.load(z3), v128.load(z2));
  const s1 = constant(4);
  const s2 = constant(5);
  const turn1Re = madd(innerTurnRe, s2, f32x4.mul(outerTurnRe, s1));
  const turn1Im = madd(innerTurnIm, s2, f32x4.mul(outerTurnIm, s1));
  const turn2Re = nmadd(innerTurnRe, s1, f32x4.mul(outerTurnRe, s2));
  const turn2Im = nmadd(innerTurnIm, s1, f32x4.mul(outerTurnIm, s2));
  put(z, f32x4.add(aRe, f32x4.add(outerRe, innerRe)), f32x4.add(aIm, f32x4.add(outerIm, innerIm)), 0);
  put(z1, f32x4.add(mid1Re, turn1Re), f32x4.add(mid1Im, turn1Im), w);
  put(z2, f32x4.add(mid2Re, turn2Re), f32x4.add(mid2Im, turn2Im), w ? w + 8 : 0);
  put(z3, f32x4.sub(mid2Re, turn2Re), f32x4.sub(mid2Im, turn2Im), w ? w + 16 : 0);
  put(z4, f32x4.sub(mid1Re, turn1Re), f32x4.sub(mid1Im, turn1Im), w ? w + 24 : 0);
}

// A pass over `blocks` blocks of radix·span bytes; the first butterfly of a block has no twiddles.

function pass2(z: usize, span: usize, twiddles: usize, blocks: i32): void {
  for (; blocks > 0; blocks--, z += span) {
    butterfly2(z, span, 0);
    const end = z + span;
    z += ELEMENT;
    for (let w = twiddles; z < end; z += ELEMENT, w += 8) butterfly2(z, span, w);
  }
}

function pass3(z: usize, span: usize, twiddles: usize, blocks: i32): void {
  for (; blocks > 0; blocks--, z += 2 * span) {
    butterfly3(z, span, 0);
    const end = z + span;
    z += ELEMENT;
    for (let w = twiddles; z < end; z += ELEMENT, w += 16) butterfly3(z, span, w);
  }
}

function pass4(z: usize, span: usize, twiddles: usize, blocks: i32): void {
  for (; blocks > 0; blocks--, z += 3 * span) {
    butterfly4(z, span, 0);
    const end = z + span;
    z += ELEMENT;
    for (let w = twiddles; z < end; z += ELEMENT, w += 24) butterfly4(z, span, w);
  }
}

function pass5(z: usize, span: usize, twiddles: usize, blocks: i32): void {
  for (; blocks > 0; blocks--, z += 4 * span) {
    butterfly5(z, span, 0);
    const end = z + span;
    z += ELEMENT;
    for (let w = twiddles; z < end; z += ELEMENT, w += 32) butterfly5(z, span, w);
  }
}

function passes(z: usize, plan: usize): void {
  let span = load<i32>(plan, 4);
  let blocks = 1;
  let at = plan + load<i32>(plan, 12);
  for (let radix = load<i32>(at); radix; radix = load<i32>(at)) {
    span /= radix;
    const twiddles = at + 4;
    const bytes = <usize>span * ELEMENT;
    if (radix == 4) pass4(z, bytes, twiddles, blocks);
    else if (radix == 3) pass3(z, bytes, twiddles, blocks);
    else if (radix == 2) pass2(z, bytes, twiddles, blocks);
    else pass5(z, bytes, twiddles, blocks);
    blocks *= radix;
    at = twiddles + (<usize>((span - 1) * (radix - 1)) << 3);
  }
}

/** X[k] = c[k]·Σ_j (z[j]·c[j])·c̄[k − j], c the chirp. The inverse transform is the conjugate of the conjugate's transform. */
function bluestein(z: usize, work: usize, plan: usize): void {
  const count = load<i32>(plan);
  const length = load<i32>(plan, 4);
  const chirp = plan + load<i32>(plan, 16);
  const filter = plan + load<i32>(plan, 20);
  const order = plan + load<i32>(plan, 24);
  const product = work + <usize>length * ELEMENT;
  for (let j = 0; j < count; j++) {
    const from = z + <usize>j * ELEMENT;
    put(work + <usize>j * ELEMENT, v128.load(from), v128.load(from, 16), chirp + (<usize>j << 3));
  }
  memory.fill(work + <usize>count * ELEMENT, 0, <usize>(length - count) * ELEMENT);
  passes(work, plan);
  for (let k = 0; k < length; k++) {
    const from = work + load<i32>(order + (<usize>k << 2));
    const to = product + <usize>k * ELEMENT;
    put(to, v128.load(from), v128.load(from, 16), filter + (<usize>k << 3));
    v128.store(to, f32x4.neg(v128.load(to, 16)), 16);
  }
  passes(product, plan);
  for (let k = 0; k < count; k++) {
    const from = product + load<i32>(order + (<usize>k << 2));
    put(z + <usize>k * ELEMENT, v128.load(from), f32x4.neg(v128.load(from, 16)), chirp + (<usize>k << 3));
  }
}

/** Transforms z (n elements) in place. `work` is room for two lengths of the passes where those aren't n, and unused otherwise. */
export function transform(z: usize, work: usize, plan: usize): void {
  if (load<i32>(plan) == load<i32>(plan, 4)) passes(z, plan);
  else bluestein(z, work, plan);
}
