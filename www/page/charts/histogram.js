/** Bars over a number axis, as a custom series: ECharts' own bars stand on categories, which have no places between. */

/**
 * @param bars `[x0, x1, y0, y1]` each, in axis units.
 */
export function barSeries(name, bars, style, more = {}) {
  return {
    type: 'custom',
    name,
    data: bars,
    encode: { x: [0, 1], y: [2, 3] },
    clip: true,
    renderItem(_, api) {
      const [left, bottom] = api.coord([api.value(0), api.value(2)]);
      const [right, top] = api.coord([api.value(1), api.value(3)]);
      if (api.value(3) === api.value(2)) return undefined;
      const gap = right - left > 4 ? 1 : 0;
      // A count of one must stay visible beside a count of a million.
      const height = Math.max(bottom - top, 2);
      return {
        type: 'rect',
        shape: { x: left, y: bottom - height, width: Math.max(right - left - gap, 1), height },
        style,
      };
    },
    ...more,
  };
}

/** Equal bins over the scores: `{ edges, counts }`. */
export function binned(values, nBins) {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (!(high > low)) {
    const middle = Number.isFinite(low) ? low : 0;
    [low, high] = [middle - 0.5, middle + 0.5];
  }
  const width = (high - low) / nBins;
  const counts = new Uint32Array(nBins);
  for (const value of values) counts[Math.min(nBins - 1, Math.floor((value - low) / width))] += 1;
  return { low, high, width, counts };
}
