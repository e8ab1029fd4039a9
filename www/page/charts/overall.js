/** What drives the scores over all: mean sizes of contributions, and a beeswarm with one dot for each row and feature. */
import { graphic } from 'echarts/core';
import { number, signed } from './format.js';
import { spread } from './swarm.js';
import { axis, baseOption, mix, nameAxis, nameWidth, readTheme } from './theme.js';

/** Room above the rows for the legends, the same in both charts, so that their rows are level side by side. */
const TOP = 30;
const BOTTOM = 44;

export const weights = {
  option({ names, flagged, all, hasFlagged }, theme) {
    const parts = [
      ...(hasFlagged ? [{ name: 'Flagged rows', values: flagged, color: theme.flagged }] : []),
      { name: 'All rows', values: all, color: theme.normal },
    ];
    const words = (i) => parts.map(({ name, values }) => `${name}: ${number(values[i])}`);
    return {
      ...baseOption(
        theme,
        `What moves scores, the heaviest first. ${names.map((name, i) => `${name}: ${words(i).join(', ')}`).join('; ')}`,
      ),
      tooltip: {
        ...baseOption(theme, '').tooltip,
        formatter: ({ dataIndex }) => [names[dataIndex], ...words(dataIndex)].join('\n'),
      },
      legend: {
        top: 0,
        right: 12,
        icon: 'circle',
        itemWidth: 8,
        itemHeight: 8,
        selectedMode: false,
        textStyle: { color: theme.muted },
      },
      grid: { left: nameWidth(theme, names) + 14, right: 16, top: TOP, bottom: BOTTOM },
      xAxis: axis(theme, {
        type: 'value',
        min: 0,
        splitNumber: 4,
        name: 'mean size of what it adds or takes',
        nameLocation: 'middle',
        nameGap: 28,
        axisLabel: { formatter: (value) => number(value), showMaxLabel: false },
      }),
      yAxis: nameAxis(theme, names),
      series: parts.map(({ name, values, color }) => ({
        type: 'bar',
        name,
        data: values,
        barMaxWidth: 9,
        barGap: '10%',
        itemStyle: { color, borderRadius: 2 },
      })),
    };
  },
};

/** Pixels across a dot. */
const DOT_PX = 4;
/** Part of a feature's row that its dots may fill. */
const BAND = 0.9;
/** Steps of the colours from low to high values. */
const N_SHADES = 8;
/** Pixels from a dot within which the pointer takes it. */
const REACH_PX = 9;

const layouts = new WeakMap();

/** Where every dot is, pixels of the chart, and those of each feature from the lowest contribution to the highest. */
function layout(data, theme) {
  const { names, rows, contributions } = data;
  const known = layouts.get(data);
  if (known?.width === theme.width && known.height === theme.height) return known;
  let [low, high] = [0, 0];
  for (const value of contributions) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  const margin = (high - low) * 0.03 || 0.01;
  [low, high] = [low - margin, high + margin];
  const left = nameWidth(theme, names) + 14;
  const plotWidth = Math.max(1, theme.width - left - 16);
  const bandPx = Math.max(1, theme.height - TOP - BOTTOM) / Math.max(1, names.length);
  const xs = Float64Array.from(contributions, (value) => left + ((value - low) / (high - low)) * plotWidth);
  const ys = new Float64Array(xs.length);
  const orders = names.map((_, feature) => {
    const from = feature * rows.length;
    const own = xs.subarray(from, from + rows.length);
    const order = Array.from(own.keys()).sort((a, b) => own[a] - own[b]);
    const offsets = spread(order, own, (bandPx * BAND) / 2, DOT_PX);
    offsets.forEach((offset, i) => {
      ys[from + i] = TOP + (feature + 0.5) * bandPx + offset;
    });
    return order.map((i) => from + i);
  });
  const made = { width: theme.width, height: theme.height, left, low, high, bandPx, xs, ys, orders };
  layouts.set(data, made);
  return made;
}

/** Shades by where a value is among all; the last one is for values that are in no order. */
const palette = (theme) => [
  ...Array.from({ length: N_SHADES }, (_, i) => mix(theme.accent, theme.flagged, i / (N_SHADES - 1))),
  theme.muted,
];
const shadeOf = (quantile) =>
  Number.isNaN(quantile) ? N_SHADES : Math.min(N_SHADES - 1, Math.floor(quantile * N_SHADES));

/** The dots of each shade as `[x, y, x, y, ...]` of the axes. */
function byShade({ contributions, quantiles }, { ys, bandPx }) {
  const shades = Array.from({ length: N_SHADES + 1 }, () => []);
  contributions.forEach((value, i) => {
    // The axis has 0 in the middle of the first row.
    shades[shadeOf(quantiles[i])].push(value, (ys[i] - TOP) / bandPx - 0.5);
  });
  return shades.map((flat) => Float64Array.from(flat));
}

/** The line where nothing is added, and what the colours mean. */
function signs(theme) {
  const shades = palette(theme);
  return {
    type: 'custom',
    name: 'Signs',
    data: [[0, 0]],
    encode: { x: 0, y: 1 },
    yAxisIndex: 1,
    silent: true,
    z: 1,
    renderItem({ coordSys }, api) {
      const [x] = api.coord([0, 0]);
      const right = coordSys.x + coordSys.width;
      const text = (words, at, textAlign) => ({
        type: 'text',
        style: { text: words, x: at, y: 9, fill: theme.muted, font: `12px ${theme.font}`, textAlign, textVerticalAlign: 'middle' },
      });
      const colorStops = shades.slice(0, N_SHADES).map((color, i) => ({ offset: i / (N_SHADES - 1), color }));
      return {
        type: 'group',
        children: [
          {
            type: 'line',
            shape: { x1: x, x2: x, y1: coordSys.y, y2: coordSys.y + coordSys.height },
            style: { stroke: theme.muted, lineWidth: 1 },
          },
          text('low value', right - 140, 'right'),
          {
            type: 'rect',
            shape: { x: right - 134, y: 5, width: 66, height: 8, r: 4 },
            style: { fill: { type: 'linear', x: 0, y: 0, x2: 1, y2: 0, colorStops } },
          },
          text('high value', right, 'right'),
        ],
      };
    },
  };
}

/** Where a value is among all, in words. */
function place(quantile) {
  if (quantile === 0 || quantile === 1) return quantile ? 'the highest of all' : 'the lowest of all';
  return `higher than in ${Math.round(100 * quantile)} % of rows`;
}

/** A dot in words, a line each. */
function lines({ names, analysis, rows, contributions, quantiles }, dot) {
  const value = quantiles[dot];
  return [
    analysis.entities[rows[dot % rows.length]],
    `${names[Math.floor(dot / rows.length)]}: ${signed(contributions[dot])}`,
    ...(Number.isNaN(value) ? [] : [`Its value is ${place(value)}`]),
  ];
}

function describe({ names, rows, contributions }) {
  const range = names.map((name, feature) => {
    const own = contributions.subarray(feature * rows.length, (feature + 1) * rows.length);
    const [low, high] = own.reduce(([a, b], value) => [Math.min(a, value), Math.max(b, value)], [0, 0]);
    return `${name} from ${signed(low)} to ${signed(high)}`;
  });
  return `What each feature adds to the scores of ${rows.length} rows. ${range.join('; ')}. Arrow keys go from dot to dot.`;
}

export const beeswarm = {
  option(data, theme) {
    const placed = layout(data, theme);
    const shades = palette(theme);
    return {
      ...baseOption(theme, describe(data)),
      tooltip: { show: false },
      grid: { left: placed.left, right: 16, top: TOP, bottom: BOTTOM },
      xAxis: axis(theme, {
        type: 'value',
        min: placed.low,
        max: placed.high,
        splitNumber: 4,
        name: 'takes from the score or adds to it',
        nameLocation: 'middle',
        nameGap: 28,
        axisLabel: { formatter: (value) => number(value), showMinLabel: false, showMaxLabel: false },
      }),
      yAxis: [
        nameAxis(theme, data.names),
        { type: 'value', min: -0.5, max: data.names.length - 0.5, inverse: true, show: false },
      ],
      series: [
        signs(theme),
        ...byShade(data, placed).map((dots, shade) => ({
          type: 'scatter',
          name: `Shade ${shade}`,
          data: dots,
          dimensions: ['x', 'y'],
          yAxisIndex: 1,
          symbolSize: DOT_PX,
          itemStyle: { color: shades[shade] },
          large: true,
          largeThreshold: 200,
          silent: true,
          z: 2,
        })),
      ],
    };
  },

  attach(chart, context) {
    const element = chart.getDom();
    const zr = chart.getZr();
    let marked = -1;
    let sign = null;

    const placed = () => layout(context.data, { width: chart.getWidth(), height: chart.getHeight() });
    /** A ring around a dot and its words beside it; `-1` takes both away. */
    const mark = (dot) => {
      if (dot === marked) return;
      marked = dot;
      if (sign) zr.remove(sign);
      sign = null;
      if (dot < 0) return context.handlers.onReadout?.('');
      const { ink, surface, line, font } = readTheme();
      const { xs, ys, width, height } = placed();
      const [x, y] = [xs[dot], ys[dot]];
      const words = lines(context.data, dot);
      const isRight = x > width / 2;
      sign = new graphic.Group({ silent: true });
      sign.add(new graphic.Circle({ shape: { cx: x, cy: y, r: DOT_PX + 1 }, style: { fill: 'none', stroke: ink, lineWidth: 2 }, z: 20 }));
      const label = new graphic.Text({
        style: {
          text: words.join('\n'),
          x: x + (isRight ? -12 : 12),
          y: Math.min(Math.max(y, 34), height - 34),
          width: Math.min(320, width / 2),
          overflow: 'break',
          lineHeight: 17,
          padding: [8, 10],
          fill: ink,
          font: `12px ${font}`,
          backgroundColor: surface,
          borderColor: line,
          borderWidth: 1,
          borderRadius: 4,
          align: isRight ? 'right' : 'left',
          verticalAlign: 'middle',
        },
        z: 21,
      });
      sign.add(label);
      zr.add(sign);
      return context.handlers.onReadout?.(`${words.join('. ')}. Enter shows the details.`);
    };
    const show = () => {
      if (marked >= 0) context.handlers.onRow?.(context.data.rows[marked % context.data.rows.length]);
    };

    const nearest = ({ offsetX, offsetY }) => {
      const { xs, ys } = placed();
      let [best, least] = [-1, REACH_PX * REACH_PX];
      for (let dot = 0; dot < xs.length; dot += 1) {
        const distance = (xs[dot] - offsetX) ** 2 + (ys[dot] - offsetY) ** 2;
        if (distance < least) [best, least] = [dot, distance];
      }
      return best;
    };
    zr.on('mousemove', (event) => {
      mark(nearest(event));
      zr.setCursorStyle(marked < 0 ? 'default' : 'pointer');
    });
    zr.on('globalout', () => mark(-1));
    zr.on('click', (event) => {
      mark(nearest(event));
      show();
    });

    /** Goes to another dot: to the strongest of a feature, or along one. */
    const go = (featureStep, step) => {
      const { orders } = placed();
      const n = context.data.rows.length;
      if (!orders.length || !n) return;
      const feature = marked < 0 ? 0 : Math.floor(marked / n);
      if (marked < 0 || featureStep) {
        const next = Math.min(orders.length - 1, Math.max(0, marked < 0 ? 0 : feature + featureStep));
        mark(orders[next][n - 1]);
        return;
      }
      const at = orders[feature].indexOf(marked);
      mark(orders[feature][Math.min(n - 1, Math.max(0, at + step))]);
    };
    const KEYS = {
      ArrowUp: () => go(-1, 0),
      ArrowDown: () => go(1, 0),
      ArrowLeft: () => go(0, -1),
      ArrowRight: () => go(0, 1),
      Home: () => go(0, -Infinity),
      End: () => go(0, Infinity),
      Enter: show,
      Escape: () => mark(-1),
    };
    const onKey = (event) => {
      const action = KEYS[event.key];
      if (!action || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      action();
    };
    const onBlur = () => mark(-1);
    element.addEventListener('keydown', onKey);
    element.addEventListener('blur', onBlur);
    // What was marked is elsewhere after a drawing of other data or of another size.
    let drawn = placed();
    chart.on('finished', () => {
      if (drawn === placed()) return;
      drawn = placed();
      mark(-1);
    });
    return () => {
      element.removeEventListener('keydown', onKey);
      element.removeEventListener('blur', onBlur);
    };
  },
};
