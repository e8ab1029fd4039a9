/** Why a row has its score: a waterfall of contributions, and its values beside the range that is typical. */
import { number, short, signed } from './format.js';
import { axis, baseOption, nameAxis, nameWidth } from './theme.js';

const N_SHOWN = 8;

/** To the third place; below zero with the sign that its neighbours have. */
const fixed = (value) => value.toFixed(3).replace('-', '−');

function steps({ explanation, meanings }) {
  const { base, score, contributions } = explanation;
  const ranked = [...contributions].sort((a, b) => Math.abs(b.contribution) - Math.abs(a.contribution));
  const shown = ranked.slice(0, N_SHOWN);
  const rest = ranked.slice(N_SHOWN);
  const list = [{ name: 'average', from: base, to: base, isTotal: true }];
  let at = base;
  for (const { feature, contribution, error } of shown) {
    list.push({ name: meanings[feature] ?? feature, from: at, to: at + contribution, error });
    at += contribution;
  }
  if (rest.length) list.push({ name: `${rest.length} other features`, from: at, to: score });
  list.push({ name: 'score', from: score, to: score, isTotal: true });
  return list;
}

export const contributions = {
  option(data, theme) {
    const list = steps(data);
    const names = list.map((step) => step.name);
    const ends = list.flatMap((step) => [step.from, step.to]);
    const [low, high] = [Math.min(...ends), Math.max(...ends)];
    // Room for the figures beside the bars.
    const margin = (high - low) * 0.1 || 0.05;
    return {
      ...baseOption(
        theme,
        `From the average score of ${fixed(data.explanation.base)} to ${fixed(data.explanation.score)}: ` +
          list
            .filter((step) => !step.isTotal)
            .map((step) => `${step.name} ${signed(step.to - step.from, 3)}`)
            .join(', '),
      ),
      tooltip: {
        ...baseOption(theme, '').tooltip,
        formatter: ({ dataIndex }) => {
          const step = list[dataIndex];
          if (step.isTotal) return `${step.name}: ${fixed(step.to)}`;
          const error = step.error === undefined ? '' : ` ± ${step.error.toFixed(3)}`;
          return `${step.name}\n${signed(step.to - step.from, 3)}${error}`;
        },
      },
      grid: { left: nameWidth(theme, names) + 14, right: 56, top: 6, bottom: 40 },
      xAxis: axis(theme, {
        type: 'value',
        min: low - margin,
        max: high + margin,
        isLoose: true,
        splitNumber: 4,
        name: 'score',
        nameLocation: 'middle',
        nameGap: 24,
        axisLabel: { formatter: (value) => number(value), showMinLabel: false, showMaxLabel: false },
      }),
      yAxis: nameAxis(theme, names),
      series: [
        {
          type: 'custom',
          data: list.map((step, i) => [step.from, step.to, i]),
          encode: { x: [0, 1], y: 2 },
          renderItem: (_, api) => {
            const step = list[api.value(2)];
            const [from, y] = api.coord([api.value(0), api.value(2)]);
            const [to] = api.coord([api.value(1), api.value(2)]);
            const height = Math.min(16, api.size([0, 1])[1] * 0.6);
            const text = step.isTotal ? fixed(step.to) : signed(step.to - step.from, 3);
            const isUp = step.to >= step.from;
            return {
              type: 'group',
              children: [
                step.isTotal
                  ? {
                      type: 'circle',
                      shape: { cx: from, cy: y, r: 5 },
                      style: { fill: theme.ink },
                    }
                  : {
                      type: 'rect',
                      shape: {
                        x: Math.min(from, to),
                        y: y - height / 2,
                        width: Math.max(Math.abs(to - from), 1.5),
                        height,
                        r: 2,
                      },
                      style: { fill: isUp ? theme.flagged : theme.accent },
                    },
                {
                  type: 'text',
                  style: {
                    text,
                    x: isUp ? Math.max(from, to) + 8 : Math.min(from, to) - 8,
                    y,
                    fill: theme.ink,
                    font: `12px ${theme.font}`,
                    textAlign: isUp ? 'left' : 'right',
                    textVerticalAlign: 'middle',
                  },
                },
              ],
            };
          },
        },
      ],
    };
  },
};

/** Where a value stands in units of the typical spread; the middle 90 % of normal rows is about -1 to 1. */
function position(value, [p5, , p50, , p95]) {
  const spread = value >= p50 ? p95 - p50 : p50 - p5;
  if (spread > 0) return (value - p50) / spread;
  return value === p50 ? 0 : Math.sign(value - p50) * EDGE;
}
/** Positions further out are drawn at the edge. */
const EDGE = 4;

/** A value beside what is typical. Categories have no range and missing values no place: their words say it. */
const rangeRow = (meanings, units, quantiles) => (contribution) => {
  const { feature, value, typical, text, typicalText } = contribution;
  const usual = quantiles[feature];
  const shown = (x) => (Number.isFinite(x) ? number(x, units[feature]) : 'missing');
  const isPlaced = Boolean(usual) && Number.isFinite(value);
  const row = { name: meanings[feature] ?? feature, value: text ?? shown(value), typical: typicalText ?? shown(typical) };
  return {
    ...row,
    isPlaced,
    isRange: Boolean(usual),
    usual: usual ? `${shown(usual[0])} to ${shown(usual[4])}` : row.typical,
    isInside: isPlaced ? value >= usual[0] && value <= usual[4] : row.value === row.typical,
    at: isPlaced ? Math.max(-EDGE, Math.min(EDGE, position(value, usual))) : 0,
  };
};

/** Of a letter of a name. */
const LETTER_PX = 6.2;
/** A name above the middle of its line, and its value's place below. */
const ABOVE_PX = 10;
const BELOW_PX = 8;

/** A value's place on its line, beside the range that is typical. */
function rangeMarks(row, at, y, theme) {
  const colour = row.isInside ? theme.muted : theme.flagged;
  const line = (x1, x2, y1, y2, stroke, lineWidth) => ({ type: 'line', shape: { x1, x2, y1, y2 }, style: { stroke, lineWidth } });
  const marks = [line(at(-EDGE), at(EDGE), y, y, theme.line, 1)];
  if (row.isRange) {
    const shape = { x: at(-1), y: y - 5, width: at(1) - at(-1), height: 10, r: 5 };
    marks.push({ type: 'rect', shape, style: { fill: theme.normal } });
    marks.push(line(at(0), at(0), y - 5, y + 5, theme.surface, 2));
  }
  if (row.isPlaced) {
    const style = { fill: colour, stroke: theme.surface, lineWidth: 2 };
    marks.push({ type: 'circle', shape: { cx: at(row.at), cy: y, r: 6 }, style });
  }
  return marks;
}

export const range = {
  option({ explanation, meanings, units, quantiles }, theme) {
    const list = explanation.contributions.slice(0, N_SHOWN).map(rangeRow(meanings, units, quantiles));
    const words = (text, x, y, weight, textAlign) => ({
      type: 'text',
      style: { text, x, y, fill: theme.ink, font: `${weight} 12px ${theme.font}`, textAlign, textVerticalAlign: 'middle' },
    });
    return {
      ...baseOption(theme, list.map((row) => `${row.name}: ${row.value}, typically ${row.usual}`).join('; ')),
      tooltip: {
        ...baseOption(theme, '').tooltip,
        formatter: ({ dataIndex }) => {
          const row = list[dataIndex];
          return `${row.name}\n${row.value}; typically ${row.typical}\n${row.isRange ? `90 % of normal: ${row.usual}` : ''}`.trimEnd();
        },
      },
      grid: { left: 8, right: 8, top: 2, bottom: 24 },
      xAxis: axis(theme, {
        type: 'value',
        min: -EDGE,
        max: EDGE,
        splitLine: false,
        interval: EDGE,
        axisLabel: {
          formatter: (x) => ({ [-EDGE]: 'far below', 0: 'typical', [EDGE]: 'far above' })[x] ?? '',
          alignMinLabel: 'left',
          alignMaxLabel: 'right',
        },
      }),
      // Names stand above the lines, which so have the whole width, on a phone too.
      yAxis: axis(theme, {
        type: 'category',
        data: list.map((row) => row.name),
        inverse: true,
        splitLine: false,
        axisLabel: { show: false },
      }),
      series: [
        {
          type: 'custom',
          data: list.map((row, i) => [row.at, i]),
          encode: { x: 0, y: 1 },
          renderItem: (_, api) => {
            const row = list[api.value(1)];
            const at = (value) => api.coord([value, api.value(1)])[0];
            const [, y] = api.coord([0, api.value(1)]);
            const value = short(row.value, 24);
            const room = Math.floor((at(EDGE) - at(-EDGE)) / LETTER_PX) - value.length - 2;
            return {
              type: 'group',
              children: [
                ...rangeMarks(row, at, y + BELOW_PX, theme),
                words(short(row.name, Math.max(8, room)), at(-EDGE), y - ABOVE_PX, 400, 'left'),
                words(value, at(EDGE), y - ABOVE_PX, row.isInside ? 400 : 600, 'right'),
              ],
            };
          },
        },
      ],
    };
  },
};
