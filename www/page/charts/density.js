/**
 * Events by time and user. The engine bins them and this draws the bins as one picture, so a million events cost
 * what a thousand do; a moved window asks for new bins. Events of flagged users are drawn one by one over it.
 */
import { clockOf } from '../../clock.js';
import { count, short, span } from './format.js';
import { SEVERITY_NAME, SEVERITY_SYMBOL, axis, baseOption, mix, timeAxis } from './theme.js';

/** Pixels of the picture per bin, and of all of it where bins are few: enough that smoothing does not blur one into the next. */
const CELL_PX = 4;
const PICTURE_PX = 800;
/** Shades between the quietest and the busiest bin. */
const N_SHADES = 64;
const WINDOW_DELAY_MS = 160;
/** The smallest window, and that over times that are days: below it there is nothing more to tell apart. */
const MIN_SPAN_MS = 60_000;
const MIN_DAYS_MS = 2 * 86_400_000;

const pictures = new WeakMap();

/** Colours of a bin by its share of the busiest one, as bytes. */
function ramp(theme) {
  return Array.from({ length: N_SHADES }, (_, i) =>
    mix(theme.densityLow, theme.densityHigh, i / (N_SHADES - 1)).match(/\d+/g).map(Number),
  );
}

function picture(density, theme) {
  const known = pictures.get(density);
  if (known?.colour === theme.densityHigh) return known.canvas;
  const { nTimes, nLanes, counts } = density;
  const small = document.createElement('canvas');
  small.width = nTimes;
  small.height = nLanes;
  const pen = small.getContext('2d');
  const pixels = pen.createImageData(nTimes, nLanes);
  const shades = ramp(theme);
  const most = Math.log1p(counts.reduce((max, n) => Math.max(max, n), 0)) || 1;
  counts.forEach((n, i) => {
    if (n === 0) return;
    const [red, green, blue] = shades[Math.round((Math.log1p(n) / most) * (N_SHADES - 1))];
    pixels.data.set([red, green, blue, 255], 4 * i);
  });
  pen.putImageData(pixels, 0, 0);

  const canvas = document.createElement('canvas');
  canvas.width = nTimes * Math.max(CELL_PX, Math.ceil(PICTURE_PX / nTimes));
  canvas.height = nLanes * Math.max(CELL_PX, Math.ceil(PICTURE_PX / nLanes));
  const enlarge = canvas.getContext('2d');
  enlarge.imageSmoothingEnabled = false;
  enlarge.drawImage(small, 0, 0, canvas.width, canvas.height);
  pictures.set(density, { canvas, colour: theme.densityHigh });
  return canvas;
}

function laneName({ density, analysis }, lane) {
  const subject = density.laneSubjects[lane - density.fromLane];
  // Names are made when they are asked for: not before a lane is to have one.
  return subject === undefined ? undefined : analysis.subjects[subject];
}

function points({ density, timeZone }, severity) {
  const data = [];
  const { local } = clockOf(timeZone);
  density.pointSeverity.forEach((value, i) => {
    if (value === severity) data.push([local(density.pointTimes[i]), density.pointLanes[i] + 0.5]);
  });
  return data;
}

/** The whole range, as the clock shows it. */
function shown({ full, timeZone }) {
  const { local } = clockOf(timeZone);
  return { ...full, fromMs: local(full.fromMs), toMs: local(full.toMs) };
}

function describe({ density, full }) {
  return (
    `Events by time and user: ${count(density.events)} events of ${count(full.lanes)} users, ` +
    `${count(density.flaggedEvents)} of them by flagged users. Users are in order of rank, the strangest at the top.`
  );
}

export const density = {
  option(data, theme) {
    const { density } = data;
    const { local, pieces } = clockOf(data.timeZone);
    const full = shown(data);
    const nPoints = density.pointTimes.length;
    return {
      ...baseOption(theme, describe(data)),
      tooltip: { show: false },
      grid: { left: theme.width < 480 ? 76 : 112, right: 16, top: 12, bottom: 30 },
      xAxis: timeAxis(theme, [full.fromMs, full.toMs], data),
      yAxis: axis(theme, {
        type: 'value',
        min: 0,
        max: full.lanes,
        inverse: true,
        minInterval: 1,
        splitNumber: 12,
        splitLine: false,
        axisLabel: {
          width: theme.width < 480 ? 64 : 96,
          overflow: 'truncate',
          formatter: (lane) => {
            if (!Number.isInteger(lane) || lane >= full.lanes) return '';
            const name = laneName(data, lane);
            if (name !== undefined) return short(name, 16);
            return theme.width < 480 ? count(lane + 1) : `rank ${count(lane + 1)}`;
          },
        },
      }),
      dataZoom: [
        {
          type: 'inside',
          xAxisIndex: 0,
          filterMode: 'none',
          zoomOnMouseWheel: 'ctrl',
          moveOnMouseWheel: false,
          preventDefaultMouseMove: false,
          minValueSpan: Math.min(data.hasClock ? MIN_SPAN_MS : MIN_DAYS_MS, full.toMs - full.fromMs),
        },
        {
          type: 'inside',
          yAxisIndex: 0,
          filterMode: 'none',
          zoomOnMouseWheel: 'ctrl',
          moveOnMouseWheel: false,
          preventDefaultMouseMove: false,
          minValueSpan: Math.min(5, full.lanes),
        },
      ],
      series: [
        {
          type: 'custom',
          name: 'Events',
          // In as many pieces as the clock was moved within the window.
          data: pieces(density.fromMs, density.toMs).map(([from, to]) => {
            // The last moment before a move is still as far from UTC as the piece is.
            const start = local(from);
            const part = (ms) => (ms - density.fromMs) / (density.toMs - density.fromMs);
            return [start, density.fromLane, start + to - from, density.toLane, part(from), part(to)];
          }),
          encode: { x: [0, 2], y: [1, 3] },
          clip: true,
          silent: true,
          renderItem: (_, api) => {
            const [x, y] = api.coord([api.value(0), api.value(1)]);
            const [right, bottom] = api.coord([api.value(2), api.value(3)]);
            const image = picture(density, theme);
            const [sx, sEnd] = [api.value(4) * image.width, api.value(5) * image.width];
            const cut = { sx, sy: 0, sWidth: sEnd - sx, sHeight: image.height };
            return {
              type: 'image',
              style: { image, ...cut, x, y, width: right - x, height: bottom - y },
            };
          },
        },
        ...[1, 2, 3].map((severity) => ({
          type: 'scatter',
          name: `${SEVERITY_NAME[severity]} severity`,
          data: points(data, severity),
          symbol: SEVERITY_SYMBOL[severity],
          symbolSize: nPoints > 2_000 ? 3 : severity === 3 ? 7 : 5,
          itemStyle: { color: theme.severity[severity], opacity: nPoints > 2_000 ? 0.7 : 0.9 },
          large: true,
          largeThreshold: 300,
          silent: true,
          clip: true,
        })),
      ],
    };
  },

  attach(chart, context) {
    const element = chart.getDom();
    let timer;

    const visible = () => {
      const [time, lane] = chart.getOption().dataZoom;
      return { fromMs: time.startValue, toMs: time.endValue, fromLane: lane.startValue, toLane: lane.endValue };
    };
    const show = ({ fromMs, toMs, fromLane, toLane }) => {
      chart.dispatchAction({
        type: 'dataZoom',
        batch: [
          { dataZoomIndex: 0, startValue: fromMs, endValue: toMs },
          { dataZoomIndex: 1, startValue: fromLane, endValue: toLane },
        ],
      });
    };
    /** Scales and moves the window about its middle, inside the whole. */
    const change = (scale, timeStep = 0, laneStep = 0) => {
      const full = shown(context.data);
      const now = visible();
      const range = (from, to, low, high, step) => {
        const span = Math.min((to - from) * scale, high - low);
        const start = Math.min(high - span, Math.max(low, (from + to - span) / 2 + step * span));
        return [start, start + span];
      };
      const [fromMs, toMs] = range(now.fromMs, now.toMs, full.fromMs, full.toMs, timeStep);
      const [fromLane, toLane] = range(now.fromLane, now.toLane, 0, full.lanes, laneStep);
      show({ fromMs, toMs, fromLane, toLane });
    };

    chart.on('datazoom', () => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        const { fromMs, toMs, fromLane, toLane } = visible();
        const { lanes } = context.data.full;
        const { utc } = clockOf(context.data.timeZone);
        context.handlers.onWindow?.(utc(fromMs), utc(toMs), Math.floor(fromLane), Math.min(lanes, Math.ceil(toLane)));
      }, WINDOW_DELAY_MS);
    });

    const readout = (event) => {
      const { density } = context.data;
      const { local, utc } = clockOf(context.data.timeZone);
      const [time, lane] = chart.convertFromPixel({ gridIndex: 0 }, [event.offsetX, event.offsetY]);
      const timeBin = Math.floor(((utc(time) - density.fromMs) / (density.toMs - density.fromMs)) * density.nTimes);
      const perBin = (density.toLane - density.fromLane) / density.nLanes;
      const laneBin = Math.floor((lane - density.fromLane) / perBin);
      if (timeBin < 0 || timeBin >= density.nTimes || laneBin < 0 || laneBin >= density.nLanes) return '';
      const n = density.counts[laneBin * density.nTimes + timeBin];
      const binMs = (density.toMs - density.fromMs) / density.nTimes;
      const start = density.fromMs + timeBin * binMs;
      const first = density.fromLane + Math.floor(laneBin * perBin);
      const name = perBin <= 1 ? laneName(context.data, first) : undefined;
      const who = name ?? `ranks ${count(first + 1)} to ${count(density.fromLane + Math.ceil((laneBin + 1) * perBin))}`;
      return `${span(local(start), local(start + binMs), context.data.hasClock, context.data.noYear)} · ${who} · ${count(n)} ${n === 1 ? 'event' : 'events'}`;
    };
    const zr = chart.getZr();
    zr.on('mousemove', (event) => context.handlers.onReadout?.(readout(event)));
    zr.on('globalout', () => context.handlers.onReadout?.(''));
    zr.on('click', (event) => {
      const [, lane] = chart.convertFromPixel({ gridIndex: 0 }, [event.offsetX, event.offsetY]);
      const subject = context.data.density.laneSubjects[Math.floor(lane) - context.data.density.fromLane];
      if (subject !== undefined) context.handlers.onSubject?.(subject);
    });

    const KEYS = {
      '+': () => change(0.5),
      '=': () => change(0.5),
      '-': () => change(2),
      ArrowLeft: () => change(1, -0.25),
      ArrowRight: () => change(1, 0.25),
      ArrowUp: () => change(1, 0, -0.25),
      ArrowDown: () => change(1, 0, 0.25),
      0: () => context.actions.reset(),
      Home: () => context.actions.reset(),
    };
    const onKey = (event) => {
      const action = KEYS[event.key];
      if (!action || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      action();
    };
    element.addEventListener('keydown', onKey);

    context.actions.zoomIn = () => change(0.5);
    context.actions.zoomOut = () => change(2);
    context.actions.reset = () => {
      const { fromMs, toMs, lanes } = shown(context.data);
      show({ fromMs, toMs, fromLane: 0, toLane: lanes });
    };
    return () => {
      clearTimeout(timer);
      element.removeEventListener('keydown', onKey);
    };
  },
};
