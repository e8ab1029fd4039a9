/**
 * One feature among normal and among flagged rows: two histograms of shares, and above them the middle 50 and 90 %. Of a
 * category, shares of its values side by side.
 */
import { count, number, percent, short } from './format.js';
import { barSeries } from './histogram.js';
import { axis, baseOption, fade, nameAxis, nameWidth } from './theme.js';

function shares(edges, counts) {
  const total = counts.reduce((sum, n) => sum + n, 0);
  return Array.from(counts, (n, i) => [edges[i], edges[i + 1], 0, total ? n / total : 0]).filter((bar) => bar[3] > 0);
}

/** A box of quantiles in the margin above the bars. */
function box(name, quantiles, colour, lift) {
  return {
    type: 'custom',
    name,
    data: [quantiles],
    encode: { x: [0, 1, 2, 3, 4] },
    silent: true,
    renderItem: ({ coordSys }, api) => {
      const at = (i) => Math.min(coordSys.x + coordSys.width, Math.max(coordSys.x, api.coord([api.value(i), 0])[0]));
      const y = coordSys.y - lift;
      const line = (from, to, lineWidth) => ({
        type: 'line',
        shape: { x1: at(from), x2: Math.max(at(to), at(from) + 1), y1: y, y2: y },
        style: { stroke: colour, lineWidth, lineCap: 'round' },
      });
      return {
        type: 'group',
        children: [
          line(0, 4, 1.5),
          line(1, 3, 5),
          {
            type: 'line',
            shape: { x1: at(2), x2: at(2), y1: y - 5, y2: y + 5 },
            style: { stroke: colour, lineWidth: 2.5 },
          },
        ],
      };
    },
  };
}

/** Limits of rules, as lines from the bottom to above the bars. */
function limitLines(limits, theme) {
  return {
    type: 'custom',
    name: 'Limit',
    data: limits.map((limit) => [limit]),
    encode: { x: [0] },
    silent: true,
    z: 5,
    renderItem: ({ coordSys }, api) => {
      const [x] = api.coord([api.value(0), 0]);
      if (x < coordSys.x || x > coordSys.x + coordSys.width) return undefined;
      return {
        type: 'line',
        shape: { x1: x, x2: x, y1: coordSys.y, y2: coordSys.y + coordSys.height },
        style: { stroke: theme.ink, lineWidth: 1.5, lineDash: [4, 3] },
      };
    },
  };
}

/** What there is to say of rows without a value. */
function missingWords({ normalMissing = 0, flaggedMissing = 0 }) {
  const missing = normalMissing + flaggedMissing;
  return missing ? ` ${count(missing)} rows have no value.` : '';
}

/** Bars of the values of a category: `labels`, and one more where others are counted together. */
function byLabel({ distribution, info }, theme) {
  const { labels, otherLabels, normal, flagged } = distribution;
  const names = otherLabels ? [...labels, `${count(otherLabels)} others`] : labels;
  const shown = names.map((name) => short(name, 40));
  const share = (counts) => {
    const total = counts.reduce((sum, n) => sum + n, 0);
    return Array.from(counts, (n) => (total ? n / total : 0));
  };
  const bars = (name, counts, style) => ({ type: 'bar', name, data: share(counts), itemStyle: style, barMaxWidth: 10 });
  return {
    ...baseOption(
      theme,
      `${info.meaning}. Most often ${names[0] ?? 'nothing'}, of ${count(names.length)} values.${missingWords(distribution)}`,
    ),
    tooltip: {
      ...baseOption(theme, '').tooltip,
      formatter: ({ seriesName, name, value }) => `${name}\n${seriesName}: ${percent(value)}`,
    },
    grid: { left: nameWidth(theme, shown) + 12, right: 24, top: 6, bottom: 24 },
    xAxis: axis(theme, { type: 'value', splitNumber: 3, axisLabel: { formatter: percent } }),
    yAxis: nameAxis(theme, shown),
    series: [
      bars('Normal', normal, { color: theme.normal }),
      bars('Flagged', flagged, { color: fade(theme.flagged, 0.75) }),
    ],
  };
}

export const feature = {
  option({ distribution, info }, theme) {
    if (distribution.labels) return byLabel({ distribution, info }, theme);
    const { edges, normal, flagged, normalQuantiles, flaggedQuantiles } = distribution;
    // Units that are no part of the number would be said at every tick.
    const isBare = !['%', 'clock', 'weekday', 'date', 'yes/no'].includes(info.unit);
    const value = (x) => number(x, info.unit);
    const [normalBars, flaggedBars] = [shares(edges, normal), shares(edges, flagged)];
    const highest = [...normalBars, ...flaggedBars].reduce((most, bar) => Math.max(most, bar[3]), 0);
    const limits = info.limits ?? [];
    const sides = [
      normalQuantiles && `Normal rows: half are between ${value(normalQuantiles[1])} and ${value(normalQuantiles[3])}.`,
      flaggedQuantiles && `Flagged rows: between ${value(flaggedQuantiles[1])} and ${value(flaggedQuantiles[3])}.`,
      ...limits.map((limit) => `A rule holds above ${value(limit)}.`),
    ];
    // A limit beyond the bars is drawn too.
    const [first, last] = [edges[0] ?? 0, edges[edges.length - 1] ?? 1];
    return {
      ...baseOption(theme, `${info.meaning}. ${sides.filter(Boolean).join(' ')}${missingWords(distribution)}`),
      tooltip: {
        ...baseOption(theme, '').tooltip,
        formatter: ({ seriesName, value: bar }) => `${seriesName}: ${percent(bar[3])}\n${value(bar[0])} to ${value(bar[1])}`,
      },
      grid: { left: 44, right: 14, top: 30, bottom: isBare && info.unit ? 40 : 26 },
      xAxis: axis(theme, {
        type: 'value',
        min: Math.min(first, ...limits),
        max: Math.max(last, ...limits),
        splitLine: false,
        splitNumber: 4,
        // A yes and a no, and nothing between them.
        ...(info.unit === 'yes/no' ? { interval: 1 } : {}),
        ...(isBare && info.unit ? { name: info.unit, nameLocation: 'middle', nameGap: 24 } : {}),
        axisLabel: { formatter: isBare ? (x) => number(x) : value, showMinLabel: true },
      }),
      yAxis: axis(theme, {
        type: 'value',
        splitNumber: 3,
        // Left to itself an axis may end at 120 %.
        ...(highest > 0.9 ? { max: 1, interval: 0.5 } : {}),
        axisLabel: { formatter: percent },
      }),
      series: [
        barSeries('Normal', normalBars, { fill: theme.normal }),
        barSeries('Flagged', flaggedBars, {
          fill: fade(theme.flagged, 0.45),
          stroke: theme.flagged,
          lineWidth: 1,
        }),
        ...(normalQuantiles ? [box('Normal range', normalQuantiles, theme.muted, 8)] : []),
        ...(flaggedQuantiles ? [box('Flagged range', flaggedQuantiles, theme.flagged, 20)] : []),
        ...(limits.length ? [limitLines(limits, theme)] : []),
      ],
    };
  },
};
