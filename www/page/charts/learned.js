/** What a learned model is worth: precision and recall, calibration, predicted against actual, and what it goes by. */
import { count, number, percent } from './format.js';
import { pairs } from './roc.js';
import { axis, baseOption, fade, nameAxis, nameWidth } from './theme.js';

/** Features drawn at most; the rest matter less. */
const MAX_FEATURES = 12;

/** A dashed line that a good model stays on, or above. */
const guide = (theme, data) => ({
  type: 'line',
  data,
  symbol: 'none',
  silent: true,
  lineStyle: { color: theme.muted, width: 1, type: 'dashed' },
});

/** An axis of shares, with its name in the middle. */
const shares = (theme, name) =>
  axis(theme, {
    type: 'value',
    min: 0,
    max: 1,
    name,
    nameLocation: 'middle',
    nameGap: name ? 28 : 0,
    axisLabel: { formatter: percent },
  });

/** Precision against recall: `{ curve, area, base, operatingPoint }`; `base` is the share of abnormal rows. */
export const pr = {
  option({ curve, area, base, operatingPoint }, theme) {
    const areaText = Number.isFinite(area) ? `Average precision ${area.toFixed(3)}.` : 'Nothing to find: no area.';
    return {
      ...baseOption(theme, `Precision against recall: share of flags that are right against share found. ${areaText}`),
      tooltip: {
        ...baseOption(theme, '').tooltip,
        trigger: 'axis',
        axisPointer: { type: 'line', lineStyle: { color: theme.line } },
        formatter: (items) => {
          const point = items.find((item) => item.seriesName === 'PR')?.value;
          return point ? `${percent(point[0])} found\n${percent(point[1])} of the flags right` : '';
        },
      },
      grid: { left: 56, right: 16, top: 14, bottom: 44 },
      xAxis: shares(theme, 'found of the abnormal rows'),
      yAxis: shares(theme),
      series: [
        guide(theme, [
          [0, base],
          [1, base],
        ]),
        {
          type: 'line',
          name: 'PR',
          data: pairs(curve),
          symbol: 'none',
          lineStyle: { color: theme.accent, width: 2 },
          areaStyle: { color: fade(theme.accent, 0.12) },
        },
        {
          type: 'scatter',
          data: [operatingPoint],
          symbolSize: 10,
          itemStyle: { color: theme.flagged, borderColor: theme.surface, borderWidth: 2 },
          silent: true,
        },
      ],
    };
  },
};

/** Bins of probability: `[{ predicted, observed, rows }]`. */
export const calibration = {
  option(bins, theme) {
    const most = Math.max(1, ...bins.map(({ rows }) => rows));
    const words = bins.map(({ predicted, observed }) => `${percent(predicted)} said, ${percent(observed)} so`);
    return {
      ...baseOption(theme, `Probabilities against what came true: ${words.join('; ')}.`),
      tooltip: {
        ...baseOption(theme, '').tooltip,
        formatter: ({ dataIndex }) => {
          const { predicted, observed, rows } = bins[dataIndex];
          return `${count(rows)} rows\nmodel says ${percent(predicted)}\n${percent(observed)} are abnormal`;
        },
      },
      grid: { left: 56, right: 16, top: 14, bottom: 44 },
      xAxis: shares(theme, 'probability that the model gives'),
      yAxis: shares(theme),
      series: [
        guide(theme, [
          [0, 0],
          [1, 1],
        ]),
        {
          type: 'line',
          name: 'Calibration',
          data: bins.map(({ predicted, observed, rows }) => ({
            value: [predicted, observed],
            symbolSize: 6 + 10 * Math.sqrt(rows / most),
          })),
          symbol: 'circle',
          lineStyle: { color: theme.accent, width: 2 },
          itemStyle: { color: theme.accent, borderColor: theme.surface, borderWidth: 1 },
        },
      ],
    };
  },
};

/** Predicted against actual numbers: `{ points }`, `[actual0, predicted0, ...]`. */
export const predicted = {
  option({ points }, theme) {
    const all = pairs(points);
    const low = all.reduce((least, point) => Math.min(least, ...point), Infinity);
    const high = all.reduce((most, point) => Math.max(most, ...point), -Infinity);
    const room = (high - low || 1) * 0.04;
    const of = (name) =>
      axis(theme, {
        type: 'value',
        min: low - room,
        max: high + room,
        name,
        nameLocation: 'middle',
        nameGap: 28,
        splitNumber: 4,
        axisLabel: { formatter: (x) => number(x), showMinLabel: false, showMaxLabel: false },
      });
    return {
      ...baseOption(theme, `Predicted against actual numbers of ${count(all.length)} rows, from ${number(low)} to ${number(high)}.`),
      tooltip: {
        ...baseOption(theme, '').tooltip,
        formatter: ({ value }) => `is ${number(value[0])}\npredicted ${number(value[1])}`,
      },
      grid: { left: 56, right: 16, top: 14, bottom: 44 },
      xAxis: of('actual'),
      yAxis: { ...of(''), nameGap: 0 },
      series: [
        guide(theme, [
          [low, low],
          [high, high],
        ]),
        {
          type: 'scatter',
          name: 'Rows',
          data: all,
          symbolSize: all.length > 500 ? 4 : 6,
          itemStyle: { color: fade(theme.accent, 0.5) },
        },
      ],
    };
  },
};

/** Lines from low to high across bars or dots: `[low, high, place]` each. */
export const whiskers = (theme, data) => ({
  type: 'custom',
  silent: true,
  data,
  encode: { x: [0, 1], y: 2 },
  renderItem(_, api) {
    const [from, y] = api.coord([api.value(0), api.value(2)]);
    const [to] = api.coord([api.value(1), api.value(2)]);
    const style = { stroke: theme.ink, lineWidth: 1, opacity: 0.7 };
    return { type: 'line', shape: { x1: from, y1: y, x2: to, y2: y }, style };
  },
});

/** How much features matter, the most important first: `{ names, values, deviations? }`. */
export const importance = {
  option({ names, values, deviations }, theme) {
    const shown = names
      .map((name, i) => ({ name, value: values[i], deviation: deviations?.[i] ?? 0 }))
      .sort((a, b) => b.value - a.value)
      .slice(0, MAX_FEATURES);
    return {
      ...baseOption(
        theme,
        `How much features matter: ${shown.map(({ name, value }) => `${name} ${number(value)}`).join(', ')}`,
      ),
      tooltip: {
        ...baseOption(theme, '').tooltip,
        formatter: ({ dataIndex }) => {
          const { name, value, deviation } = shown[dataIndex];
          return `${name}\n${number(value)}${deviations ? ` ± ${number(deviation)}` : ''}`;
        },
      },
      grid: { left: nameWidth(theme) + 14, right: 24, top: 6, bottom: 26 },
      xAxis: axis(theme, { type: 'value', splitNumber: 4 }),
      yAxis: nameAxis(
        theme,
        shown.map(({ name }) => name),
      ),
      series: [
        {
          type: 'bar',
          name: 'Importance',
          barMaxWidth: 14,
          data: shown.map(({ value }) => value),
          itemStyle: { color: theme.accent, borderRadius: 2 },
        },
        ...(deviations
          ? [whiskers(theme, shown.map(({ value, deviation }, i) => [value - deviation, value + deviation, i]))]
          : []),
      ],
    };
  },
};

/** Candidates of a search, best first: `{ names, scores, deviations, unchanged, metric }`. */
export const trials = {
  option({ names, scores, deviations, unchanged, metric }, theme) {
    const colour = (place) => (place === unchanged ? theme.flagged : theme.accent);
    return {
      ...baseOption(
        theme,
        `${metric} of ${count(names.length)} candidates. Best: ${names[0]}, ${number(scores[0])}.` +
          (unchanged >= 0 ? ` The plan as it is: ${number(scores[unchanged])}.` : ''),
      ),
      tooltip: {
        ...baseOption(theme, '').tooltip,
        formatter: ({ dataIndex: i }) =>
          `${names[i].replaceAll(', ', '\n')}\n${metric} ${number(scores[i])} ± ${number(deviations[i] ?? 0)}`,
      },
      grid: { left: nameWidth(theme) + 14, right: 24, top: 6, bottom: 44 },
      xAxis: axis(theme, {
        type: 'value',
        scale: true,
        splitNumber: 4,
        name: metric,
        nameLocation: 'middle',
        nameGap: 28,
      }),
      yAxis: nameAxis(theme, names),
      series: [
        whiskers(
          theme,
          scores.map((score, i) => [score - (deviations[i] ?? 0), score + (deviations[i] ?? 0), i]),
        ),
        {
          type: 'scatter',
          name: metric,
          symbolSize: 10,
          data: scores.map((score, i) => ({
            value: [score, i],
            symbol: i === unchanged ? 'diamond' : 'circle',
            itemStyle: { color: colour(i), borderColor: theme.surface, borderWidth: 1 },
          })),
        },
      ],
    };
  },
};
