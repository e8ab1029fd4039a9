/** Colours and sizes of the charts, read from the page's custom properties, so that style.css is the only palette. */
import { short } from './format.js';

const hex = (value) => {
  const digits = value.replace('#', '');
  return [0, 2, 4].map((at) => parseInt(digits.slice(at, at + 2), 16));
};

/** `share` of the way from one `#rrggbb` colour to another. */
export function mix(from, to, share) {
  const [a, b] = [hex(from), hex(to)];
  return `rgb(${a.map((channel, i) => Math.round(channel + (b[i] - channel) * share)).join(',')})`;
}

/** A `#rrggbb` colour with an opacity. */
export const fade = (colour, opacity) => `rgba(${hex(colour).join(',')},${opacity})`;

/** The theme of this moment. Read again when light turns to dark. */
export function readTheme() {
  const style = getComputedStyle(document.documentElement);
  const read = (name) => style.getPropertyValue(name).trim();
  return {
    ink: read('--ink'),
    muted: read('--ink-muted'),
    line: read('--line'),
    surface: read('--surface'),
    accent: read('--accent'),
    normal: read('--chart-normal'),
    flagged: read('--chart-flagged'),
    night: read('--chart-night'),
    densityLow: read('--chart-density-low'),
    densityHigh: read('--chart-density-high'),
    severity: [read('--chart-normal'), read('--low'), read('--medium'), read('--high')],
    series: [1, 2, 3, 4, 5, 6].map((n) => read(`--chart-${n}`)),
    font: style.fontFamily,
    isStill: matchMedia('(prefers-reduced-motion: reduce)').matches,
  };
}

/** Shape of each severity: the same shapes as in the lists, so that colour is never the only sign. */
export const SEVERITY_SYMBOL = ['circle', 'circle', 'rect', 'diamond'];
export const SEVERITY_NAME = ['Normal', 'Low', 'Medium', 'High'];

/** Parts that every chart shares. */
export function baseOption(theme, description) {
  return {
    animation: false,
    useUTC: true,
    backgroundColor: 'transparent',
    textStyle: { fontFamily: theme.font, color: theme.ink, fontSize: 12 },
    aria: { enabled: true, label: { description } },
    tooltip: {
      // Text drawn on the canvas: a cell that holds markup stays text.
      renderMode: 'richText',
      confine: true,
      backgroundColor: theme.surface,
      borderColor: theme.line,
      borderWidth: 1,
      padding: [8, 10],
      textStyle: { color: theme.ink, fontSize: 12, fontFamily: theme.font },
    },
  };
}

/** Labels of time axes: never a bare day without its month. */
const TIME_LABELS = {
  year: '{yyyy}',
  month: '{MMM} {yyyy}',
  day: '{d} {MMM}',
  hour: '{HH}:{mm}',
  minute: '{HH}:{mm}',
  second: '{HH}:{mm}:{ss}',
  millisecond: '{HH}:{mm}:{ss}',
};
/** Where the source names no year. */
const LABELS_WITHOUT_YEAR = { ...TIME_LABELS, year: '{MMM}', month: '{MMM}', day: '{MMM} {d}' };

/** Of a letter of a name, and a bit more, since lines end between words. */
const CHARACTER_PX = 6.8;

/** Pixels for names beside a chart: as many as they need on one line, or a good part of the chart, but never most of it. */
export function nameWidth(theme, names) {
  const longest = names.reduce((most, name) => Math.max(most, name.length), 0);
  return Math.round(Math.min(190, theme.width * 0.4, longest * CHARACTER_PX + 6));
}

/** An axis of names, which may take two lines each. */
export function nameAxis(theme, names) {
  const width = nameWidth(theme, names);
  return axis(theme, {
    type: 'category',
    // Two lines of it, and no third that lies over the next name.
    data: names.map((name) => short(name, Math.floor((2 * width) / CHARACTER_PX))),
    inverse: true,
    splitLine: false,
    axisLabel: {
      width,
      overflow: 'break',
      fontSize: 11,
      lineHeight: 12,
      hideOverlap: false,
      interval: 0,
    },
  });
}

/** An axis; one with `isLoose` ends at no round number, where a line would look like one more tick. */
export function axis(theme, { isLoose = false, ...more } = {}) {
  return {
    axisLine: { show: false, lineStyle: { color: theme.line } },
    axisTick: { show: false },
    axisLabel: { color: theme.muted, hideOverlap: true, ...more.axisLabel },
    splitLine: {
      show: more.splitLine ?? true,
      showMinLine: !isLoose,
      showMaxLine: !isLoose,
      lineStyle: { color: theme.line, width: 1 },
    },
    nameTextStyle: { color: theme.muted },
    ...Object.fromEntries(Object.entries(more).filter(([key]) => key !== 'axisLabel' && key !== 'splitLine')),
  };
}

/** An axis of time, of about so many marks; these are days at least where times have no hours. */
export function timeAxis(theme, [min, max] = [], { hasClock = true, noYear = false, splitNumber = undefined } = {}) {
  return axis(theme, {
    type: 'time',
    min,
    max,
    ...(splitNumber ? { splitNumber } : {}),
    ...(hasClock ? {} : { minInterval: 86_400_000 }),
    splitLine: false,
    axisLabel: { formatter: noYear ? LABELS_WITHOUT_YEAR : TIME_LABELS },
  });
}
