/** What a learned model gives and goes by, and how candidates of a search compare. */
import { GRID, guide, pairs } from './curves.js';
import { count, number } from './format.js';
import { axis, baseOption, fade, nameAxis, nameWidth } from './theme.js';

/** Features drawn at most; the rest matter less. */
const MAX_FEATURES = 12;

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
        isLoose: true,
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
      grid: GRID,
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

/** A bar for each feature: `list` holds `{ name, value, colour? }`, `measure` is what values are; `words` says one in the tooltip. */
function featureBars(theme, list, measure, description, words, more = []) {
  const names = list.map(({ name }) => name);
  return {
    ...baseOption(theme, description),
    tooltip: { ...baseOption(theme, '').tooltip, formatter: ({ dataIndex }) => words(list[dataIndex]) },
    grid: { left: nameWidth(theme, names) + 14, right: 24, top: 6, bottom: 44 },
    xAxis: axis(theme, { type: 'value', splitNumber: 4, name: measure, nameLocation: 'middle', nameGap: 28 }),
    yAxis: nameAxis(theme, names),
    series: [
      {
        type: 'bar',
        name: 'Features',
        barMaxWidth: 14,
        data: list.map(({ value, colour }) => ({
          value,
          itemStyle: { color: colour ?? theme.accent, borderRadius: 2 },
        })),
      },
      ...more,
    ],
  };
}

/** How much features matter, the most important first: `{ names, values, deviations?, measure }`. */
export const importance = {
  option({ names, values, deviations, measure }, theme) {
    const shown = names
      .map((name, i) => ({ name, value: values[i], deviation: deviations?.[i] ?? 0 }))
      .sort((a, b) => b.value - a.value)
      .slice(0, MAX_FEATURES);
    return featureBars(
      theme,
      shown,
      measure,
      `How much features matter: ${shown.map(({ name, value }) => `${name} ${number(value)}`).join(', ')}`,
      ({ name, value, deviation }) => `${name}\n${number(value)}${deviations ? ` ± ${number(deviation)}` : ''}`,
      deviations
        ? [whiskers(theme, shown.map(({ value, deviation }, i) => [value - deviation, value + deviation, i]))]
        : [],
    );
  },
};

/** Weights of features, the heaviest first, whichever way they pull: `{ names, values }`. */
export const coefficients = {
  option({ names, values }, theme) {
    const shown = names
      .map((name, i) => ({ name, value: values[i], colour: values[i] >= 0 ? theme.flagged : theme.accent }))
      .sort((a, b) => Math.abs(b.value) - Math.abs(a.value))
      .slice(0, MAX_FEATURES);
    return featureBars(
      theme,
      shown,
      'weight',
      `Weights of the features: ${shown.map(({ name, value }) => `${name} ${value.toFixed(2)}`).join(', ')}`,
      ({ name, value }) => `${name}\nweight ${value.toFixed(3)}`,
    );
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
          (unchanged >= 0 ? ` ${names[unchanged]}: ${number(scores[unchanged])}.` : ''),
      ),
      tooltip: {
        ...baseOption(theme, '').tooltip,
        formatter: ({ dataIndex: i }) =>
          `${names[i].replaceAll(', ', '\n')}\n${metric} ${number(scores[i])} ± ${number(deviations[i] ?? 0)}`,
      },
      grid: { left: nameWidth(theme, names) + 14, right: 24, top: 6, bottom: 44 },
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
