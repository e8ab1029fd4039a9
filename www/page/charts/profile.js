/** What is in a table: histograms, bars, where values are missing, and how columns hang together. */
import { clockOf } from '../../clock.js';
import { count, day, moment, number, percent, short, span } from './format.js';
import { barSeries } from './histogram.js';
import { axis, baseOption, fade, mix, nameAxis, nameWidth, timeAxis } from './theme.js';

/** Names beside a matrix are cut to so many characters. */
const NAME_LENGTH = 22;
/** Cells wide enough for a figure in them. */
const FIGURE_PX = 34;

/** A histogram of numbers or of times: `{ edges, counts, isTime, hasClock, noYear, title, timeZone? }`. */
export const histogram = {
  option({ edges: moments, counts, isTime, hasClock, noYear, title, timeZone }, theme) {
    const edges = isTime ? moments.map(clockOf(timeZone).local) : moments;
    const value = !isTime ? (x) => number(x) : hasClock ? (ms) => moment(ms, false, noYear) : (ms) => day(ms, noYear);
    const within = (from, to) => (isTime ? span(from, to, hasClock, noYear) : `${value(from)} to ${value(to)}`);
    const bars = counts.map((n, i) => [edges[i], edges[i + 1], 0, n]);
    const total = counts.reduce((sum, n) => sum + n, 0);
    const [first, last] = [edges[0], edges[edges.length - 1]];
    // A column of one value has a bin without width.
    const ends = [first, last > first ? last : first + 1];
    return {
      ...baseOption(theme, `${title}: ${count(total)} rows from ${value(first)} to ${value(last)}.`),
      tooltip: {
        ...baseOption(theme, '').tooltip,
        formatter: ({ value: bar }) => `${count(bar[3])} rows\n${within(bar[0], bar[1])}`,
      },
      grid: { left: 56, right: 16, top: 10, bottom: 26 },
      xAxis: isTime
        ? timeAxis(theme, ends, { hasClock, noYear, splitNumber: 4 })
        : axis(theme, {
            type: 'value',
            min: ends[0],
            max: ends[1],
            splitLine: false,
            splitNumber: 4,
            axisLabel: { formatter: (x) => number(x) },
          }),
      yAxis: axis(theme, { type: 'value', splitNumber: 3, minInterval: 1, axisLabel: { formatter: count } }),
      series: [barSeries(title, bars, { fill: theme.accent })],
    };
  },
};

/** Bars that stand on names: `{ names, counts, title, unit, of }`, `unit` being what is counted and `of` what names are. */
export const bars = {
  option({ names, counts, title, unit, of }, theme) {
    const most = counts.indexOf(Math.max(...counts));
    return {
      ...baseOption(theme, `${title}. Most often ${names[most]}: ${count(counts[most])} ${unit}.`),
      tooltip: {
        ...baseOption(theme, '').tooltip,
        formatter: ({ name, value }) => `${name}: ${count(value)} ${unit}`,
      },
      grid: { left: 56, right: 12, top: 28, bottom: 44 },
      xAxis: axis(theme, {
        type: 'category',
        data: names.map((name) => short(name, 14)),
        splitLine: false,
        name: of,
        nameLocation: 'middle',
        nameGap: 28,
      }),
      yAxis: axis(theme, { type: 'value', splitNumber: 3, minInterval: 1, axisLabel: { formatter: count }, name: short(unit, 28) }),
      series: [{ type: 'bar', name: title, data: counts, barMaxWidth: 34, itemStyle: { color: theme.accent } }],
    };
  },
};

/** `−0.25`; what rounds to nothing has no sign. */
const hundredths = (value) => (Math.abs(value) < 0.005 ? '0.00' : value.toFixed(2).replace('-', '−'));

/** Cells of a matrix as `[column, row, value]`, each in its colour. */
function cells(name, data, colour, figure) {
  return {
    type: 'custom',
    name,
    data,
    encode: { x: 0, y: 1 },
    renderItem(_, api) {
      const [width, height] = api.size([1, 1]);
      const [x, y] = api.coord([api.value(0), api.value(1)]);
      const gap = width > 8 ? 1 : 0;
      const shape = { x: x - width / 2, y: y - height / 2, width: width - gap, height: height - 1 };
      const value = api.value(2);
      const text = width > FIGURE_PX ? figure?.(value) : undefined;
      return {
        type: 'rect',
        shape,
        style: { fill: colour(value) },
        ...(text && {
          textContent: { style: { text: text.text, fill: text.fill, fontSize: 11 } },
          textConfig: { position: 'inside' },
        }),
      };
    },
  };
}

/** Where values are missing: `{ columns, blockRows, shares, rows }`, a line per column, a cell per block of rows. */
export const missing = {
  option({ columns, blockRows, shares, rows }, theme) {
    const data = shares.flatMap((block, x) => columns.map((_, y) => [x, y, block[y]]));
    const from = (block) => block * blockRows + 1;
    return {
      ...baseOption(theme, `Missing values of ${count(columns.length)} columns, from the first row to the last.`),
      tooltip: {
        ...baseOption(theme, '').tooltip,
        formatter: ({ value: [x, y, share] }) =>
          `${columns[y]}: ${percent(share)} missing\nrows ${count(from(x))} to ${count(Math.min(from(x + 1) - 1, rows))}`,
      },
      grid: { left: nameWidth(theme, columns) + 12, right: 16, top: 6, bottom: 26 },
      xAxis: axis(theme, {
        type: 'category',
        data: shares.map((_, x) => `row ${count(from(x))}`),
        splitLine: false,
      }),
      yAxis: nameAxis(theme, columns),
      series: [
        cells('Missing', data, (share) => (share > 0 ? mix(theme.densityLow, theme.flagged, 0.15 + 0.85 * share) : theme.densityLow)),
      ],
    };
  },
};

/** How columns hang together: `{ columns, matrix, measure }`; values from -1 to 1, null where there is none. */
export const correlation = {
  option({ columns, matrix, measure }, theme) {
    const data = matrix.flatMap((line, y) => line.map((value, x) => [x, y, value ?? NaN]));
    const colour = (value) => {
      if (!Number.isFinite(value)) return fade(theme.line, 0.35);
      return mix(theme.densityLow, value < 0 ? theme.flagged : theme.densityHigh, Math.min(1, Math.abs(value)));
    };
    const pairs = data.filter(([x, y, value]) => x > y && Number.isFinite(value));
    const strongest = pairs.reduce((best, pair) => (Math.abs(pair[2]) > Math.abs(best?.[2] ?? 0) ? pair : best), null);
    const words = strongest
      ? ` The strongest is ${columns[strongest[0]]} with ${columns[strongest[1]]}: ${hundredths(strongest[2])}.`
      : '';
    const names = columns.map((name) => short(name, NAME_LENGTH));
    return {
      ...baseOption(theme, `${measure} between ${count(columns.length)} columns.${words}`),
      tooltip: {
        ...baseOption(theme, '').tooltip,
        formatter: ({ value: [x, y, value] }) =>
          `${columns[y]} and ${columns[x]}: ${Number.isFinite(value) ? value.toFixed(3) : 'no value'}`,
      },
      // Names below are turned, and the first of them reaches to the left.
      grid: { left: Math.max(80, nameWidth(theme, names) + 12), right: 16, top: 6, bottom: 74 },
      xAxis: axis(theme, {
        type: 'category',
        data: names,
        splitLine: false,
        axisLabel: { rotate: 40, interval: 0, hideOverlap: false, fontSize: 11, width: 100, overflow: 'truncate' },
      }),
      yAxis: nameAxis(theme, names),
      series: [
        cells(measure, data, colour, (value) =>
          Number.isFinite(value)
            ? { text: hundredths(value), fill: Math.abs(value) > 0.55 ? theme.surface : theme.ink }
            : undefined,
        ),
      ],
    };
  },
};
