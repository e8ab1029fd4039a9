/** Dots of a beeswarm, laid beside each other. */

/**
 * Distances from the middle of a row, pixels, so that dots lie beside each other, not on each other. Where there are more
 * than fit, they lie on those that are furthest away.
 * @param {number[]} order places of `xs`, ascending
 * @param {Float64Array} xs pixels
 * @param {number} halfBandPx from the middle of the row to where dots may reach
 * @param {number} dotPx across a dot
 */
export function spread(order, xs, halfBandPx, dotPx) {
  const nSide = Math.max(0, Math.floor((halfBandPx - dotPx / 2) / dotPx));
  // From the middle outwards: 0, 1, -1, 2, -2, ...
  const lanes = Array.from({ length: 2 * nSide + 1 }, (_, i) => (i % 2 ? (i + 1) / 2 : 0 - i / 2));
  const ends = lanes.map(() => -Infinity);
  const offsets = new Float64Array(xs.length);
  for (const place of order) {
    let lane = ends.findIndex((end) => xs[place] - end >= dotPx);
    if (lane < 0) lane = ends.indexOf(Math.min(...ends));
    ends[lane] = xs[place];
    offsets[place] = lanes[lane] * dotPx;
  }
  return offsets;
}
