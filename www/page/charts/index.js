/**
 * The charts of the page: a thin layer over a tree-shaken Apache ECharts.
 *
 * A chart kind is an object with `option(data, theme)`, a pure function to an ECharts option that also serves the
 * SVG export, and, where it can be handled, `attach(chart, context)`, which listens and may return its undoing.
 * Charts are made when they come near the screen, one in each turn, so that a page of them never blocks input.
 */
import { BarChart, CustomChart, LineChart, ScatterChart } from 'echarts/charts';
import {
  AriaComponent,
  DataZoomInsideComponent,
  GridComponent,
  LegendComponent,
  LegendScrollComponent,
  TooltipComponent,
} from 'echarts/components';
import { init, use } from 'echarts/core';
import { CanvasRenderer, SVGRenderer } from 'echarts/renderers';
import { contributions, range } from './contributions.js';
import { calibration, pr, roc, thresholds } from './curves.js';
import { density } from './density.js';
import { feature } from './feature.js';
import { coefficients, importance, predicted, trials } from './learned.js';
import { beeswarm, weights } from './overall.js';
import { bars, correlation, histogram, missing } from './profile.js';
import { scores } from './scores.js';
import { readTheme } from './theme.js';
import { timeline } from './timeline.js';
import { inTurn, soon } from '../turns.js';

use([
  BarChart,
  CustomChart,
  LineChart,
  ScatterChart,
  AriaComponent,
  DataZoomInsideComponent,
  GridComponent,
  LegendComponent,
  LegendScrollComponent,
  TooltipComponent,
  CanvasRenderer,
  SVGRenderer,
]);

const KINDS = {
  density,
  scores,
  feature,
  timeline,
  contributions,
  range,
  roc,
  coefficients,
  pr,
  thresholds,
  calibration,
  predicted,
  importance,
  trials,
  weights,
  beeswarm,
  histogram,
  bars,
  missing,
  correlation,
};

/** The theme, and the size that the chart has to do with. */
const themeOf = (element) => ({ ...readTheme(), width: element.clientWidth, height: element.clientHeight });

/** Pixels below the screen at which a chart is made ready. */
const NEAR_PX = 400;

/**
 * Calls back once, when an element comes near the screen.
 * @param {Element} element
 * @param {() => void} callback
 */
export function whenNear(element, callback) {
  const watch = new IntersectionObserver(
    (entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      watch.disconnect();
      callback();
    },
    { rootMargin: `${NEAR_PX}px` },
  );
  watch.observe(element);
}

const live = new Set();

function redrawAll() {
  for (const chart of live) soon(() => chart.draw());
}
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redrawAll);
new MutationObserver(redrawAll).observe(document.documentElement, { attributeFilter: ['data-theme'] });

/** The least that the first charts of results can draw. */
const SAMPLES = [
  [
    timeline,
    {
      timeline: { times: [0, 1], actions: [0, 1], actionNames: ['a', 'b'], entries: [], events: 2, subject: '' },
      ...{ mode: 'hour', night: [0, 6], timeRange: [0, 1], hasClock: true, unit: 'subject' },
    },
  ],
  [contributions, { explanation: { base: 0, score: 1, contributions: [{ feature: '', contribution: 1 }] }, meanings: {} }],
];

/**
 * Draws the first charts once out of sight, while nobody waits for them: a browser compiles what it runs when it first runs
 * it, which takes longer than the drawing.
 */
export function warmUp() {
  const size = { width: 300, height: 200 };
  let chart;
  inTurn(() => {
    chart = init(document.createElement('div'), null, { renderer: 'canvas', ...size });
    chart.getZr().flush = () => {};
  });
  for (const [{ option }, data] of SAMPLES) {
    inTurn(() => chart.setOption(option(data, { ...readTheme(), ...size }), { replaceMerge: ['series'] }));
  }
  // Painted by then.
  inTurn(() => chart.dispose());
}

/**
 * @param element an empty element with a size from the style sheet
 * @param kind a name of KINDS
 * @param data what the kind draws; shapes of the analyzer's answers
 * @param handlers callbacks of the kind: onThreshold, onWindow, onReadout, onSubject, onRow
 * @returns a handle: `update(data)`, `action(name)`, `toPng()`, `toSvg()` (promises of bytes), `dispose()`
 */
export function mount(element, kind, data, handlers = {}) {
  const { option, attach } = KINDS[kind];
  const context = { data, handlers, actions: {} };
  let chart;
  let detach;
  let isGone = false;
  /** Whether a drawing of newer data is queued already. */
  let isStale = false;

  const draw = () => {
    isStale = false;
    if (!chart || isGone) return;
    chart.setOption(option(context.data, themeOf(element)), { replaceMerge: ['series'], lazyUpdate: false });
  };
  const make = () => {
    if (chart || isGone || element.clientWidth === 0) return;
    chart = init(element, null, { renderer: 'canvas' });
    // Left to itself ECharts paints at once; so it paints with the next frame, in a task of its own.
    chart.getZr().flush = () => {};
    soon(begin);
  };
  const begin = () => {
    if (!chart || isGone || detach) return;
    draw();
    detach = attach?.(chart, context) ?? (() => {});
  };
  const fit = () => {
    if (!chart || isGone || element.clientWidth === 0) return;
    if (chart.getWidth() === element.clientWidth && chart.getHeight() === element.clientHeight) return;
    // Not `chart.resize()`, which would draw the old option first.
    chart.getZr().resize();
    draw();
  };
  const self = { draw };
  live.add(self);

  const visibility = new IntersectionObserver(
    (entries) => {
      if (entries.some((entry) => entry.isIntersecting)) soon(make);
    },
    { rootMargin: `${NEAR_PX}px` },
  );
  const size = new ResizeObserver(() => soon(fit));
  visibility.observe(element);
  size.observe(element);

  return {
    update(next) {
      context.data = next;
      if (isStale) return;
      isStale = true;
      soon(draw);
    },
    action(name) {
      context.actions[name]?.();
    },
    async toPng() {
      make();
      begin();
      const canvas = chart.renderToCanvas({ pixelRatio: 2, backgroundColor: readTheme().surface });
      const blob = await new Promise((resolve) => canvas.toBlob(resolve, 'image/png'));
      return new Uint8Array(await blob.arrayBuffer());
    },
    async toSvg() {
      const { clientWidth: width, clientHeight: height } = element;
      const theme = themeOf(element);
      const still = init(null, null, { renderer: 'svg', ssr: true, width, height });
      still.setOption({ ...option(context.data, theme), backgroundColor: theme.surface });
      const windows = chart?.getOption().dataZoom;
      if (windows) still.setOption({ dataZoom: windows.map(({ start, end }) => ({ start, end })) });
      const text = still.renderToSVGString();
      still.dispose();
      return new TextEncoder().encode(text);
    },
    dispose() {
      isGone = true;
      live.delete(self);
      visibility.disconnect();
      size.disconnect();
      detach?.();
      chart?.dispose();
    },
  };
}
