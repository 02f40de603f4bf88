import { AdamW, argmax, backward, clipGradientNorm, cosineWithWarmup, crossEntropy, decayMatricesOnly, intTensor, liveBytes, noGrad, Rng, scope, tensor, train, engine, init } from "@x/layers";
import { ViT } from "@x/models-vision";
import { loadMnist, SIDE } from "./mnist.ts";
const [patchSize, hidden, layers, heads, batch, epochs, lr] = process.argv.slice(2).map(Number);
const tr = await loadMnist("train"), te = await loadMnist("t10k");
await init({ threads: Number(process.env.T ?? 2) });
console.log(engine().simd, engine().threads);
const vit = await ViT.fromConfig({ imageSize: 28, patchSize, hiddenSize: hidden, numHiddenLayers: layers, numAttentionHeads: heads, intermediateSize: hidden*4, numLabels: 10, numChannels: 3, pooling: "mean", layerNormEps: 1e-6 }, { rng: new Rng(1) });
console.log("parameters", vit.numParameters);
const px = SIDE*SIDE;
function batchOf(d: typeof tr, ids: number[]) {
  const x = new Float32Array(ids.length*3*px);
  ids.forEach((id, i) => { for (let c=0;c<3;c++) for (let p = 0; p < px; p++) x[(i*3+c)*px+p] = ((d.pixels[id*px+p] ?? 0)/255 - 0.5)/0.5; });
  return [tensor(x, [ids.length, 3, SIDE, SIDE]), intTensor(ids.map(i => d.labels[i] ?? 0))] as const;
}
const evaluate = (n: number) => { let ok = 0; for (let s=0;s<n;s+=250) { ok += noGrad(() => { const [x,y] = batchOf(te, Array.from({length:250},(_, i)=>s+i)); const p = argmax(vit.forward(x)).data; const l = y.data; return p.reduce((a,v,i)=>a+(v===l[i]?1:0),0); }); } return ok/n; };
const steps = Math.floor(60000/batch*epochs);
const order = Array.from({length: 60000}, (_, i) => i);
let seed = 1; const rand = () => (seed = (seed*1103515245+12345) & 0x7fffffff)/0x7fffffff;
let at = 60000;
const next = () => { const out = []; for (let i=0;i<batch;i++) { if (at >= 60000) { for (let j=59999;j>0;j--) { const k = Math.floor(rand()*(j+1)); [order[j],order[k]]=[order[k]!,order[j]!]; } at=0; } out.push(order[at++]!); } return out; };
const optimizer = new AdamW(decayMatricesOnly(vit.parameters(), 0.05), { learningRate: lr, beta2: 0.99 });
const t0 = performance.now(); let avg = 0;
vit.train();
await train({ optimizer, steps, schedule: cosineWithWarmup(lr, Math.floor(steps/10), steps), maxGradientNorm: 1, loss: () => { const [x,y] = batchOf(tr, next()); return crossEntropy(vit.forward(x), y, {labelSmoothing: 0.05}); }, onStep: (r) => { avg = r.step === 1 ? r.loss : avg*0.98+0.02*r.loss; if (r.step % 100 === 0) console.log(r.step, "/", steps, avg.toFixed(3), ((performance.now()-t0)/1000).toFixed(1)+"s", (liveBytes()/1e6).toFixed(1)+"MB"); } });
vit.eval();
console.log("accuracy", evaluate(10000), ((performance.now()-t0)/1000).toFixed(1)+"s");
