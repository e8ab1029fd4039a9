/** Curves over shares from 0 to 1: the ROC curve, precision against recall, measures by threshold, and calibration. */
import { count, number, percent } from './format.js';
import { axis, baseOption, fade } from './theme.js';

/** Interleaved `[x0, y0, x1, y1, ...]` as pairs. */
export function pairs(flat) {
  return Array.from({ length: flat.length / 2 }, (_, i) => [flat[2 * i], flat[2 * i + 1]]);
}

/** Room for the axes around a square of points. */
export const GRID = { left: 56, right: 16, top: 14, bottom: 44 };

/** A dashed line that a good model stays on, or above. */
export const guide = (theme, data) => ({
  type: 'line',
  data,
  symbol: 'none',
  silent: true,
  lineStyle: { color: theme.muted, width: 1, type: 'dashed' },
});

const DIAGONAL = [
  [0, 0],
  [1, 1],
];

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

/**
 * A curve of what every threshold would give, and the dot where it stands.
 * @param {string} description what it shows, for those who do not see it
 * @param {string} xName what grows to the right
 * @param {(point: [number, number]) => string} words a point of it, for the tooltip
 * @param {[number, number][]} chance the line that knowing nothing gives
 */
function overThresholds(theme, { curve, operatingPoint }, description, xName, words, chance) {
  return {
    ...baseOption(theme, description),
    tooltip: {
      ...baseOption(theme, '').tooltip,
      trigger: 'axis',
      axisPointer: { type: 'line', lineStyle: { color: theme.line } },
      formatter: (items) => {
        const point = items.find((item) => item.seriesName === 'Curve')?.value;
        return point ? words(point) : '';
      },
    },
    grid: GRID,
    xAxis: shares(theme, xName),
    yAxis: shares(theme),
    series: [
      guide(theme, chance),
      {
        type: 'line',
        name: 'Curve',
        data: pairs(curve),
        symbol: 'none',
        lineStyle: { color: theme.accent, width: 2 },
        areaStyle: { color: fade(theme.accent, 0.12) },
      },
      {
        type: 'scatter',
        name: 'At the threshold',
        data: [operatingPoint],
        symbolSize: 10,
        itemStyle: { color: theme.flagged, borderColor: theme.surface, borderWidth: 2 },
        silent: true,
      },
    ],
  };
}

/** Found against false alarms: `{ curve, auc, operatingPoint }`. */
export const roc = {
  option(data, theme) {
    const area = Number.isFinite(data.auc) ? `Area under the curve ${data.auc.toFixed(3)}.` : 'One class only: no area.';
    return overThresholds(
      theme,
      data,
      `ROC curve: share found against share of false alarms. ${area}`,
      'false alarms among normal rows',
      ([alarms, found]) => `${percent(found)} found\n${percent(alarms)} false alarms`,
      DIAGONAL,
    );
  },
};

/** Precision against recall: `{ curve, area, base, operatingPoint }`; `base` is the share of abnormal rows. */
export const pr = {
  option(data, theme) {
    const area = Number.isFinite(data.area) ? `Average precision ${data.area.toFixed(3)}.` : 'Nothing to find: no area.';
    return overThresholds(
      theme,
      data,
      `Precision against recall: share of flags that are right against share found. ${area}`,
      'found of the abnormal rows',
      ([found, right]) => `${percent(found)} found\n${percent(right)} of the flags right`,
      [
        [0, data.base],
        [1, data.base],
      ],
    );
  },
};

/** What is drawn of each threshold: its name, and the line's stroke, since colour is never the only sign. */
const BY_THRESHOLD = [
  ['precision', 'Precision', 'solid'],
  ['recall', 'Recall', 'dashed'],
  ['f1', 'F1', 'dotted'],
];

/**
 * The measures over thresholds, highest first: `{ thresholds, place, score }`; at `place` is the one in force, and `score` is
 * what they are of.
 */
export const thresholds = {
  option({ thresholds: all, place, score }, theme) {
    const now = all[place];
    const rising = [...all].reverse();
    const [low, high] = [rising[0].threshold, rising.at(-1).threshold];
    const words = (at) => BY_THRESHOLD.map(([key, name]) => `${name} ${percent(at[key])}`);
    const at = `above ${number(now.threshold)} ${count(now.flagged)} are flagged`;
    return {
      ...baseOption(theme, `Precision, recall and F1 by threshold. Now ${at}: ${words(now).join(', ')}.`),
      tooltip: {
        ...baseOption(theme, '').tooltip,
        trigger: 'axis',
        axisPointer: { type: 'line', lineStyle: { color: theme.line } },
        formatter: (items) => {
          const point = rising[items.find((item) => item.seriesType === 'line')?.dataIndex];
          return point ? [`above ${number(point.threshold)}: ${count(point.flagged)} flagged`, ...words(point)].join('\n') : '';
        },
      },
      legend: {
        top: 0,
        right: 12,
        itemWidth: 26,
        selectedMode: false,
        textStyle: { color: theme.muted },
        data: BY_THRESHOLD.map(([, name]) => name),
      },
      grid: { ...GRID, top: 34 },
      xAxis: axis(theme, {
        type: 'value',
        min: low,
        max: high,
        isLoose: true,
        splitLine: false,
        name: `threshold: flagged above this ${score}`,
        nameLocation: 'middle',
        nameGap: 28,
        axisLabel: { formatter: (value) => number(value), showMinLabel: false, showMaxLabel: false },
      }),
      yAxis: shares(theme),
      series: BY_THRESHOLD.map(([key, name, type], i) => {
        const color = theme.series[[0, 3, 4][i]];
        return {
          type: 'line',
          name,
          data: rising.map((point) => [point.threshold, point[key]]),
          symbol: 'none',
          lineStyle: { color, width: 2, type },
          itemStyle: { color },
        };
      }).concat([
        guide(theme, [
          [now.threshold, 0],
          [now.threshold, 1],
        ]),
        {
          type: 'scatter',
          name: 'At the threshold',
          data: BY_THRESHOLD.map(([key]) => [now.threshold, now[key]]),
          symbolSize: 8,
          itemStyle: { color: theme.flagged, borderColor: theme.surface, borderWidth: 2 },
          silent: true,
        },
      ]),
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
      grid: GRID,
      xAxis: shares(theme, 'probability that the model gives'),
      yAxis: shares(theme),
      series: [
        guide(theme, DIAGONAL),
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
