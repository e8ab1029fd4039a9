// Models in plain JavaScript over typed arrays: what a page could do without a package. Rows are standardised, fit and
// score are timed, reading is not.

import { random, standardise } from './numbers.js';

/** The matrix of a file `entity,date,f0,f1,...`, each feature with mean 0 and deviation 1. */
async function matrix(file) {
  const lines = (await file.text()).trimEnd().split('\n');
  const d = lines[0].split(',').length - 2, n = lines.length - 1, x = new Float32Array(n * d);
  for (let row = 0; row < n; row++) {
    const cells = lines[row + 1].split(',');
    for (let f = 0; f < d; f++) x[row * d + f] = Number(cells[f + 2]);
  }
  standardise(x, n, d);
  return { x, n, d };
}

/** Mean path of an unsuccessful search among so many. */
const meanPath = (n) => (n <= 1 ? 0 : n === 2 ? 1 : 2 * (Math.log(n - 1) + 0.5772156649) - (2 * (n - 1)) / n);

const models = {
  /** 200 trees of 256 rows; each tree walked by all rows before the next. */
  iforest({ x, n, d }) {
    const next = random(), nTrees = 200, sample = Math.min(256, n), most = Math.ceil(Math.log2(sample));
    const lengths = new Float64Array(n);
    for (let tree = 0; tree < nTrees; tree++) {
      const rows = Int32Array.from({ length: sample }, () => Math.floor(next() * n));
      const features = new Int32Array(512).fill(-1), cuts = new Float32Array(512), right = new Int32Array(512), leaves = new Float32Array(512);
      let nNodes = 0;
      const grow = (from, to, depth) => {
        const node = nNodes++;
        for (let tries = 0; tries < 10 && to - from > 1 && depth < most; tries++) {
          const feature = Math.floor(next() * d);
          let low = Infinity, high = -Infinity;
          for (let i = from; i < to; i++) {
            const value = x[rows[i] * d + feature];
            if (value < low) low = value;
            if (value > high) high = value;
          }
          const cut = Math.fround(low + next() * (high - low));
          let i = from, j = to - 1;
          while (i <= j) {
            if (x[rows[i] * d + feature] < cut) i++;
            else [rows[i], rows[j]] = [rows[j--], rows[i]];
          }
          if (i === from || i === to) continue;
          features[node] = feature;
          cuts[node] = cut;
          grow(from, i, depth + 1);
          right[node] = grow(i, to, depth + 1);
          return node;
        }
        leaves[node] = depth + meanPath(to - from);
        return node;
      };
      grow(0, sample, 0);
      for (let row = 0, at = 0; row < n; row++, at += d) {
        let node = 0, feature;
        while ((feature = features[node]) >= 0) node = x[at + feature] < cuts[node] ? node + 1 : right[node];
        lengths[row] += leaves[node];
      }
    }
    return lengths.map((length) => 2 ** (-length / nTrees / meanPath(sample)));
  },

  /** Exact, 20 neighbours, every row held against every other. */
  lof({ x, n, d }) {
    const k = Math.min(20, n - 1), distances = new Float64Array(n * k), others = new Int32Array(n * k);
    for (let row = 0; row < n; row++) {
      const start = row * k;
      let nFound = 0;
      for (let other = 0; other < n; other++) {
        if (other === row) continue;
        let squared = 0;
        for (let f = 0, a = row * d, b = other * d; f < d; f++, a++, b++) squared += (x[a] - x[b]) * (x[a] - x[b]);
        if (nFound === k && squared >= distances[start + k - 1]) continue;
        let at = start + (nFound < k ? nFound++ : k - 1);
        for (; at > start && distances[at - 1] > squared; at--) {
          distances[at] = distances[at - 1];
          others[at] = others[at - 1];
        }
        distances[at] = squared;
        others[at] = other;
      }
    }
    distances.forEach((squared, at) => { distances[at] = Math.sqrt(squared); });
    const density = new Float64Array(n), scores = new Float64Array(n);
    for (let row = 0; row < n; row++) {
      let reach = 0;
      for (let at = row * k; at < (row + 1) * k; at++) reach += Math.max(distances[others[at] * k + k - 1], distances[at]);
      density[row] = 1 / (reach / k + 1e-10);
    }
    for (let row = 0; row < n; row++) {
      for (let at = row * k; at < (row + 1) * k; at++) scores[row] += density[others[at]] / density[row] / k;
    }
    return scores;
  },

  /** Layers of 14, 7 and 14 units, rectified; Adam, batches of 32. */
  autoencoder({ x, n, d }, epochs) {
    const next = random(), batch = 32, sizes = [d, 14, 7, 14, d];
    const layers = sizes.slice(1).map((nOut, l) => {
      const nIn = sizes[l], limit = Math.sqrt(6 / (nIn + nOut)), zeros = () => new Float32Array((nIn + 1) * nOut);
      // Biases come behind the weights.
      const weights = zeros().map((_, i) => (i < nIn * nOut ? (next() * 2 - 1) * limit : 0));
      return { nIn, nOut, weights, gradient: zeros(), mean: zeros(), square: zeros() };
    });
    const values = sizes.map((size) => new Float32Array(batch * size)), deltas = sizes.map((size) => new Float32Array(batch * size));
    const forward = (nRows) => layers.forEach(({ nIn, nOut, weights }, l) => {
      const input = values[l], output = values[l + 1];
      for (let row = 0; row < nRows; row++) {
        const out = row * nOut;
        for (let j = 0; j < nOut; j++) output[out + j] = weights[nIn * nOut + j];
        for (let i = 0; i < nIn; i++) {
          const value = input[row * nIn + i];
          if (value !== 0) for (let j = 0, w = i * nOut; j < nOut; j++, w++) output[out + j] += value * weights[w];
        }
        if (l < layers.length - 1) for (let j = 0; j < nOut; j++) if (output[out + j] < 0) output[out + j] = 0;
      }
    });
    const order = Uint32Array.from({ length: n }, (_, i) => i);
    let step = 0;
    for (let epoch = 0; epoch < epochs; epoch++) {
      for (let i = n - 1; i > 0; i--) {
        const j = Math.floor(next() * (i + 1)), kept = order[i];
        order[i] = order[j];
        order[j] = kept;
      }
      for (let start = 0; start < n; start += batch) {
        const nRows = Math.min(batch, n - start);
        for (let row = 0; row < nRows; row++) values[0].set(x.subarray(order[start + row] * d, (order[start + row] + 1) * d), row * d);
        forward(nRows);
        for (let i = 0; i < nRows * d; i++) deltas[4][i] = (2 * (values[4][i] - values[0][i])) / (nRows * d);
        for (let l = layers.length - 1; l >= 0; l--) {
          const { nIn, nOut, weights, gradient } = layers[l];
          const input = values[l], output = values[l + 1], delta = deltas[l + 1], behind = deltas[l];
          for (let row = 0; row < nRows; row++) {
            const out = row * nOut;
            if (l < layers.length - 1) for (let j = 0; j < nOut; j++) if (output[out + j] === 0) delta[out + j] = 0;
            for (let j = 0; j < nOut; j++) gradient[nIn * nOut + j] += delta[out + j];
            for (let i = 0; i < nIn; i++) {
              const value = input[row * nIn + i];
              let pulled = 0;
              for (let j = 0, w = i * nOut; j < nOut; j++, w++) {
                gradient[w] += value * delta[out + j];
                pulled += weights[w] * delta[out + j];
              }
              behind[row * nIn + i] = pulled;
            }
          }
        }
        step++;
        const first = 1 - 0.9 ** step, second = 1 - 0.999 ** step;
        for (const { weights, gradient, mean, square } of layers) {
          for (let i = 0; i < weights.length; i++) {
            const g = gradient[i];
            mean[i] = 0.9 * mean[i] + 0.1 * g;
            square[i] = 0.999 * square[i] + 0.001 * g * g;
            weights[i] -= (0.001 * (mean[i] / first)) / (Math.sqrt(square[i] / second) + 1e-7);
            gradient[i] = 0;
          }
        }
      }
    }
    const scores = new Float64Array(n);
    for (let start = 0; start < n; start += batch) {
      const nRows = Math.min(batch, n - start);
      values[0].set(x.subarray(start * d, (start + nRows) * d));
      forward(nRows);
      for (let i = 0; i < nRows * d; i++) scores[start + Math.floor(i / d)] += (values[4][i] - values[0][i]) ** 2 / d;
    }
    return scores;
  },
};

self.onmessage = async ({ data: { model, file, epochs } }) => {
  try {
    const rows = await matrix(file);
    const start = performance.now(), scores = models[model](rows, epochs);
    postMessage({ ms: performance.now() - start, isWhole: scores.every(Number.isFinite) });
  } catch (error) {
    postMessage({ error: String(error?.stack ?? error) });
  }
};
