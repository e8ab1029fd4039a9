// Learners of two classes, by npm's packages and in plain JavaScript over typed arrays. Each is fitted to the first 70 % of
// the rows and predicts all; the area under the curve is that of the others. Reading and a package's start are not timed.
import * as tf from '@tensorflow/tfjs-core';
import { layers, sequential } from '@tensorflow/tfjs-layers';
import '@tensorflow/tfjs-backend-cpu';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import LogisticRegression from 'ml-logistic-regression';
import { Matrix } from 'ml-matrix';
import xgboost from 'ml-xgboost';
import { random, standardise } from './numbers.js';

/** Steps of those that descend by gradients: far from converged, they take long enough. */
const STEPS = 100;
const ROUNDS = 100, DEPTH = 6, RATE = 0.1, LAMBDA = 1, LEAST_WEIGHT = 1, BINS = 255, TREES = 100;

/** A file `label,f0,f1,...`, each feature with mean 0 and deviation 1. */
async function labelled(file) {
  const lines = (await file.text()).trimEnd().split('\n');
  const d = lines[0].split(',').length - 1, n = lines.length - 1, x = new Float32Array(n * d), y = new Uint8Array(n);
  for (let row = 0; row < n; row++) {
    const cells = lines[row + 1].split(',');
    y[row] = Number(cells[0]);
    for (let f = 0; f < d; f++) x[row * d + f] = Number(cells[f + 1]);
  }
  standardise(x, n, d);
  return { x, y, n, d, k: Math.floor(n * 0.7) };
}

/** Area under the ROC curve, of equal scores half. */
function areaUnderCurve(y, scores) {
  const order = Uint32Array.from(scores, (_, i) => i).sort((a, b) => scores[a] - scores[b]);
  let positives = 0, ranks = 0;
  for (let from = 0, to; from < order.length; from = to) {
    for (to = from; to < order.length && scores[order[to]] === scores[order[from]]; to++);
    for (let i = from; i < to; i++) if (y[order[i]]) { positives++; ranks += (from + to + 1) / 2; }
  }
  return (ranks - (positives * (positives + 1)) / 2) / (positives * (order.length - positives));
}

/** Newton's method to convergence, squared penalty 1. */
function newton({ x, y, n, d, k }) {
  const D = d + 1, weights = new Float64Array(D), z = new Float64Array(D).fill(1);
  for (let pass = 0, moved = 1; pass < 25 && moved > 1e-6; pass++) {
    const g = new Float64Array(D), h = Array.from({ length: D }, () => new Float64Array(D));
    for (let row = 0; row < k; row++) {
      let margin = weights[d];
      for (let f = 0; f < d; f++) margin += weights[f] * (z[f] = x[row * d + f]);
      const p = 1 / (1 + Math.exp(-margin)), curvature = p * (1 - p);
      for (let a = 0; a < D; a++) {
        g[a] += (y[row] - p) * z[a];
        for (let b = 0, c = curvature * z[a], line = h[a]; b <= a; b++) line[b] += c * z[b];
      }
    }
    for (let a = 0; a < d; a++) { g[a] -= weights[a]; h[a][a] += 1; }
    for (let a = 0; a < D; a++) {
      for (let b = 0; b <= a; b++) {
        let sum = h[a][b];
        for (let c = 0; c < b; c++) sum -= h[a][c] * h[b][c];
        h[a][b] = a === b ? Math.sqrt(sum) : sum / h[b][b];
      }
    }
    for (let a = 0; a < D; a++) { for (let c = 0; c < a; c++) g[a] -= h[a][c] * g[c]; g[a] /= h[a][a]; }
    for (let a = D - 1; a >= 0; a--) { for (let c = a + 1; c < D; c++) g[a] -= h[c][a] * g[c]; g[a] /= h[a][a]; }
    moved = 0;
    for (let a = 0; a < D; a++) { weights[a] += g[a]; moved = Math.max(moved, Math.abs(g[a])); }
  }
  return Float64Array.from({ length: n }, (_, row) => {
    let margin = weights[d];
    for (let f = 0; f < d; f++) margin += weights[f] * x[row * d + f];
    return margin;
  });
}

/** Bins of about equal size by feature and row. */
function binned({ x, n, d, k }) {
  const codes = [], cuts = [];
  for (let f = 0; f < d; f++) {
    const sorted = Float32Array.from({ length: k }, (_, row) => x[row * d + f]).sort();
    const own = Float32Array.from({ length: BINS - 1 }, (_, i) => sorted[Math.floor(((i + 1) * k) / BINS)]);
    const of = (value) => { let low = 0, high = own.length; while (low < high) { const mid = (low + high) >> 1; if (own[mid] < value) low = mid + 1; else high = mid; } return low; };
    codes.push(Uint8Array.from({ length: n }, (_, row) => of(x[row * d + f])));
    cuts.push(own);
  }
  return { codes, cuts };
}

/** Puts the rows of a node that go left to the front; where the others begin. */
function part(rows, kept, from, to, codes, bin) {
  let left = from, right = 0;
  for (let i = from; i < to; i++) {
    const row = rows[i];
    if (codes[row] <= bin) rows[left++] = row;
    else kept[right++] = row;
  }
  rows.set(kept.subarray(0, right), left);
  return left;
}

/** Second-order boosting over histograms; the smaller child is counted, the larger is what is left. */
function boosting({ x, y, n, d, k }) {
  const { codes } = binned({ x, n, d, k });
  const mean = y.subarray(0, k).reduce((sum, label) => sum + label, 0) / k;
  const margins = new Float64Array(n).fill(Math.log(mean / (1 - mean)));
  const g = new Float64Array(k), h = new Float64Array(k), rows = new Uint32Array(k), kept = new Uint32Array(k);
  const count = (from, to) => {
    const sums = new Float64Array(d * 256 * 2);
    for (let f = 0; f < d; f++) {
      const own = codes[f], start = f * 512;
      for (let i = from; i < to; i++) {
        const row = rows[i], at = start + 2 * own[row];
        sums[at] += g[row];
        sums[at + 1] += h[row];
      }
    }
    return sums;
  };
  for (let round = 0; round < ROUNDS; round++) {
    let allG = 0, allH = 0;
    for (let row = 0; row < k; row++) {
      const p = 1 / (1 + Math.exp(-margins[row]));
      allG += g[row] = p - y[row];
      allH += h[row] = p * (1 - p);
      rows[row] = row;
    }
    const nodes = [];
    const grow = (from, to, depth, G, H, sums) => {
      const node = nodes.push(null) - 1, worth = (a, b) => (a * a) / (b + LAMBDA);
      let best = worth(G, H), feature = -1, bin = 0, leftG = 0, leftH = 0;
      for (let f = 0; f < d && depth < DEPTH; f++) {
        for (let b = 0, at = f * 512, a = 0, c = 0; b < BINS - 1; b++, at += 2) {
          a += sums[at];
          c += sums[at + 1];
          if (c < LEAST_WEIGHT || H - c < LEAST_WEIGHT) continue;
          const won = worth(a, c) + worth(G - a, H - c);
          if (won > best) { best = won; feature = f; bin = b; leftG = a; leftH = c; }
        }
      }
      if (feature < 0) {
        const value = (-RATE * G) / (H + LAMBDA);
        for (let i = from; i < to; i++) margins[rows[i]] += value;
        nodes[node] = { value };
        return node;
      }
      const middle = part(rows, kept, from, to, codes[feature], bin), isLeftSmaller = middle - from < to - middle;
      let left = null, right = null;
      if (depth + 1 < DEPTH) {
        const smaller = isLeftSmaller ? count(from, middle) : count(middle, to);
        for (let i = 0; i < sums.length; i++) sums[i] -= smaller[i];
        [left, right] = isLeftSmaller ? [smaller, sums] : [sums, smaller];
      }
      const below = grow(from, middle, depth + 1, leftG, leftH, left);
      nodes[node] = { feature, bin, left: below, right: grow(middle, to, depth + 1, G - leftG, H - leftH, right) };
      return node;
    };
    grow(0, k, 0, allG, allH, count(0, k));
    for (let row = k; row < n; row++) {
      let node = nodes[0];
      while (node.value === undefined) node = nodes[codes[node.feature][row] <= node.bin ? node.left : node.right];
      margins[row] += node.value;
    }
  }
  return margins;
}

/** Trees of bootstraps, a draw of features per cut, grown until leaves are pure. */
function forest({ x, y, n, d, k }) {
  const { codes } = binned({ x, n, d, k }), next = random(), nDrawn = Math.max(1, Math.floor(Math.sqrt(d)));
  const shares = new Float64Array(n), rows = new Uint32Array(k), kept = new Uint32Array(k), features = Uint32Array.from({ length: d }, (_, f) => f);
  const counts = new Uint32Array(512), keys = new Uint16Array(48), bins = new Uint8Array(256), sizes = new Uint32Array(256), ofOne = new Uint32Array(256);
  /** A node's rows by bin, ascending, empty bins left out: how many bins. Few rows are sorted, many counted. */
  const group = (own, from, to) => {
    let nGroups = 0;
    if (to - from <= keys.length) {
      for (let i = from; i < to; i++) {
        const key = 2 * own[rows[i]] + y[rows[i]];
        let at = i - from;
        for (; at > 0 && keys[at - 1] > key; at--) keys[at] = keys[at - 1];
        keys[at] = key;
      }
      for (let i = 0; i < to - from; i++) {
        const bin = keys[i] >> 1;
        if (!nGroups || bins[nGroups - 1] !== bin) { bins[nGroups] = bin; sizes[nGroups] = 0; ofOne[nGroups++] = 0; }
        sizes[nGroups - 1]++;
        ofOne[nGroups - 1] += keys[i] & 1;
      }
      return nGroups;
    }
    counts.fill(0);
    for (let i = from; i < to; i++) { const at = 2 * own[rows[i]]; counts[at]++; counts[at + 1] += y[rows[i]]; }
    for (let bin = 0; bin < BINS; bin++) {
      if (!counts[2 * bin]) continue;
      bins[nGroups] = bin;
      sizes[nGroups] = counts[2 * bin];
      ofOne[nGroups++] = counts[2 * bin + 1];
    }
    return nGroups;
  };
  for (let tree = 0; tree < TREES; tree++) {
    for (let i = 0; i < k; i++) rows[i] = Math.floor(next() * k);
    const nodes = [];
    const grow = (from, to) => {
      const node = nodes.push(null) - 1, all = to - from;
      let positives = 0, feature = -1, bin = 0, best = -1;
      for (let i = from; i < to; i++) positives += y[rows[i]];
      for (let seen = 0; seen < d && positives > 0 && positives < all && (seen < nDrawn || feature < 0); seen++) {
        const drawn = seen + Math.floor(next() * (d - seen)), f = features[drawn], own = codes[f];
        features[drawn] = features[seen];
        features[seen] = f;
        const nGroups = group(own, from, to);
        for (let i = 0, c = 0, p = 0; i < nGroups - 1; i++) {
          c += sizes[i];
          p += ofOne[i];
          const won = (p * p) / c + ((positives - p) * (positives - p)) / (all - c);
          if (won > best) { best = won; feature = f; bin = bins[i]; }
        }
      }
      if (feature < 0) {
        nodes[node] = { value: positives / all };
        return node;
      }
      const middle = part(rows, kept, from, to, codes[feature], bin), left = grow(from, middle);
      nodes[node] = { feature, bin, left, right: grow(middle, to) };
      return node;
    };
    grow(0, k);
    for (let row = 0; row < n; row++) {
      let node = nodes[0];
      while (node.value === undefined) node = nodes[codes[node.feature][row] <= node.bin ? node.left : node.right];
      shares[row] += node.value;
    }
  }
  return shares;
}

/** By name: what has to be there before, and the work. */
const peers = {
  'logistic, plain JavaScript': { run: newton },
  'boosting, plain JavaScript': { run: boosting },
  'forest, plain JavaScript': { run: forest },
  'logistic, tfjs': {
    async setup() {
      setWasmPaths(`${self.location.origin}/tfjs/`);
      await tf.setBackend('wasm');
      await tf.ready();
    },
    async run({ x, y, n, d, k }) {
      const model = sequential();
      model.add(layers.dense({ units: 1, activation: 'sigmoid', inputShape: [d] }));
      model.compile({ optimizer: tf.train.adam(0.05), loss: 'binaryCrossentropy' });
      const rows = tf.tensor2d(x.subarray(0, k * d), [k, d]), labels = tf.tensor2d(Float32Array.from(y.subarray(0, k)), [k, 1]);
      await model.fit(rows, labels, { batchSize: k, epochs: STEPS, shuffle: false, verbose: 0, yieldEvery: 'never' });
      return model.predict(tf.tensor2d(x, [n, d]), { batchSize: n }).data();
    },
  },
  'logistic, ml-logistic-regression': {
    run({ x, y, n, d, k }) {
      const matrix = (nRows) => {
        const made = new Matrix(nRows, d + 1);
        for (let row = 0; row < nRows; row++) {
          for (let f = 0; f < d; f++) made.set(row, f, x[row * d + f]);
          made.set(row, d, 1);
        }
        return made;
      };
      // Its gradient is a sum.
      const model = new LogisticRegression({ numSteps: STEPS, learningRate: 1 / k });
      model.train(matrix(k), Matrix.columnVector(Array.from(y.subarray(0, k))));
      // Class 1 against the rest, by the chance of the rest.
      return model.classifiers[1].testScores(matrix(n)).map((score) => -score);
    },
  },
  'boosting, ml-xgboost': {
    setup: () => xgboost,
    run({ x, y, n, d, k }, XGBoost) {
      const rows = Array.from({ length: n }, (_, row) => Array.from(x.subarray(row * d, (row + 1) * d)));
      const model = new XGBoost({ booster: 'gbtree', objective: 'binary:logistic', max_depth: DEPTH, eta: RATE, lambda: LAMBDA, min_child_weight: LEAST_WEIGHT, subsample: 1, colsample_bytree: 1, silent: 1, iterations: ROUNDS });
      model.train(rows.slice(0, k), Array.from(y.subarray(0, k)));
      return model.predict(rows);
    },
  },
};

self.onmessage = async ({ data: { peer, file } }) => {
  try {
    const { setup, run } = peers[peer];
    const begun = performance.now(), ready = await setup?.(), loadMs = performance.now() - begun;
    const rows = await labelled(file);
    const start = performance.now(), scores = await run(rows, ready), ms = performance.now() - start;
    postMessage({ loadMs, ms, auc: areaUnderCurve(rows.y.subarray(rows.k), Array.from(scores).slice(rows.k)) });
  } catch (error) {
    postMessage({ error: String(error?.stack ?? error) });
  }
};
