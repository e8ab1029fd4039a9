/**
 * One user's events, by hour of the day or by action, with the flagged days marked. The hour view makes the usual
 * oddities visible at a glance: work at night, at weekends, in bursts.
 */
import { clockOf } from '../../clock.js';
import { count, day, moment, short } from './format.js';
import { SEVERITY_NAME, axis, baseOption, fade, timeAxis } from './theme.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** How long a part of a user is, by its unit; sessions and records are moments. */
const SPAN_MS = { hour: HOUR_MS, day: DAY_MS, week: 7 * DAY_MS };
/** Actions with a colour of their own; the rest share one. */
const N_COLOURS = 5;

/** The night as bands of hours, two where it spans midnight. */
function nightBands([start, end]) {
  if (start === end) return [];
  return start < end
    ? [[start, end]]
    : [
        [0, end],
        [start, 24],
      ].filter(([from, to]) => to > from);
}

/** Names of the most frequent actions first, and the events of each. */
function byAction({ actionNames, times, actions }) {
  const total = new Map();
  actions.forEach((action) => total.set(action, (total.get(action) ?? 0) + 1));
  const ranked = [...total].sort((a, b) => b[1] - a[1] || a[0] - b[0]).map(([action]) => action);
  const shown = ranked.length > N_COLOURS + 1 ? ranked.slice(0, N_COLOURS) : ranked;
  const groups = shown.map((action) => ({ name: actionNames[action] ?? 'event', events: [] }));
  const other = { name: `${ranked.length - shown.length} other actions`, events: [] };
  const groupOf = new Map(shown.map((action, i) => [action, groups[i]]));
  times.forEach((time, i) => (groupOf.get(actions[i]) ?? other).events.push(i));
  return other.events.length ? [...groups, other] : groups;
}

function flaggedParts({ entries }) {
  return entries.filter((entry) => entry.severity > 0 && entry.startMs !== undefined);
}

/** A part as it is named: by its day, and by its minute where it is shorter and the log has a clock. */
function partName(ms, { unit, hasClock, noYear }) {
  if (unit === 'week') return `week of ${day(ms, noYear)}`;
  return unit === 'day' || !hasClock ? day(ms, noYear) : moment(ms, false, noYear);
}

/** A band over each flagged part, with the shape of its severity above it; the chosen one has an outline. */
function partBands(entries, data, theme) {
  const { selectedRow, unit } = data;
  return {
    type: 'custom',
    name: 'Flagged parts',
    data: entries.map((entry) => [entry.startMs, entry.startMs + (SPAN_MS[unit] ?? 0), entry.severity, entry.row]),
    encode: { x: [0, 1] },
    z: 0,
    tooltip: {
      formatter: ({ value }) => `${partName(value[0], data)}\n${SEVERITY_NAME[value[2]]} severity. Choose it to see why.`,
    },
    renderItem: ({ coordSys }, api) => {
      const [left] = api.coord([api.value(0), 0]);
      const [right] = api.coord([api.value(1), 0]);
      const from = Math.max(left, coordSys.x);
      const to = Math.min(Math.max(right, left + 3), coordSys.x + coordSys.width);
      if (to <= from) return undefined;
      const colour = theme.severity[api.value(2)];
      const isSelected = api.value(3) === selectedRow;
      const x = (from + to) / 2;
      const y = coordSys.y - 9;
      const mark = {
        1: { type: 'circle', shape: { cx: x, cy: y, r: 4 } },
        2: { type: 'rect', shape: { x: x - 4, y: y - 4, width: 8, height: 8 } },
        3: {
          type: 'polygon',
          shape: {
            points: [
              [x, y - 6],
              [x + 6, y],
              [x, y + 6],
              [x - 6, y],
            ],
          },
        },
      }[api.value(2)];
      return {
        type: 'group',
        children: [
          {
            type: 'rect',
            shape: { x: from, y: coordSys.y, width: to - from, height: coordSys.height },
            style: {
              fill: fade(colour, isSelected ? 0.28 : 0.14),
              stroke: isSelected ? colour : 'transparent',
              lineWidth: 1.5,
            },
          },
          { ...mark, style: { fill: colour } },
        ],
      };
    },
  };
}

/** Times as the clock shows them. */
function shown({ timeline, timeRange, timeZone }) {
  const { local } = clockOf(timeZone);
  const entries = timeline.entries.map((entry) =>
    entry.startMs === undefined ? entry : { ...entry, startMs: local(entry.startMs) },
  );
  return {
    timeline: { ...timeline, times: timeline.times.map(local), entries },
    timeRange: timeRange?.map(local),
  };
}

function describe(data) {
  const { timeline } = shown(data);
  const parts = flaggedParts(timeline).map((entry) => partName(entry.startMs, data));
  const listed = parts.length > 8 ? `${parts.slice(0, 8).join(', ')} and ${parts.length - 8} more` : parts.join(', ');
  return `${count(timeline.events)} events of ${timeline.subject}.${parts.length ? ` Flagged: ${listed}.` : ''}`;
}

export const timeline = {
  option(data, theme) {
    const { mode, night, hasClock, noYear } = data;
    const { timeline, timeRange } = shown(data);
    const groups = byAction(timeline);
    const isByHour = mode === 'hour';
    const y = (event, lane) => (isByHour ? (timeline.times[event] % DAY_MS) / HOUR_MS : lane);
    const lanes = isByHour ? 24 : groups.length;
    return {
      ...baseOption(theme, describe(data)),
      legend: {
        show: isByHour && groups.length > 1,
        data: groups.map((group) => group.name),
        type: 'scroll',
        bottom: 0,
        left: 40,
        icon: 'circle',
        itemWidth: 8,
        itemHeight: 8,
        textStyle: { color: theme.muted },
        pageTextStyle: { color: theme.muted },
        formatter: (name) => short(name, 22),
      },
      grid: { left: isByHour ? 48 : 120, right: 16, top: 22, bottom: isByHour && groups.length > 1 ? 54 : 28 },
      xAxis: timeAxis(theme, timeRange, { hasClock, noYear }),
      yAxis: axis(theme, {
        type: isByHour ? 'value' : 'category',
        ...(isByHour
          ? { min: 0, max: 24, interval: 6, axisLabel: { formatter: (hour) => `${String(hour).padStart(2, '0')}:00` } }
          : { data: groups.map((group) => short(group.name, 16)), inverse: true }),
      }),
      dataZoom: [
        {
          type: 'inside',
          xAxisIndex: 0,
          filterMode: 'none',
          zoomOnMouseWheel: 'ctrl',
          moveOnMouseWheel: false,
          preventDefaultMouseMove: false,
        },
      ],
      series: [
        {
          type: 'custom',
          name: 'Night',
          data: isByHour ? nightBands(night) : [],
          encode: { y: [0, 1] },
          silent: true,
          z: 0,
          renderItem: ({ coordSys }, api) => {
            const top = api.coord([0, api.value(1)])[1];
            const bottom = api.coord([0, api.value(0)])[1];
            return {
              type: 'rect',
              shape: { x: coordSys.x, y: top, width: coordSys.width, height: bottom - top },
              style: { fill: theme.night },
            };
          },
        },
        partBands(flaggedParts(timeline), data, theme),
        ...groups.map((group, lane) => ({
          type: 'scatter',
          name: group.name,
          data: group.events.map((event) => [timeline.times[event], y(event, lane)]),
          symbolSize: timeline.times.length > 2_000 ? 3 : 6,
          itemStyle: { color: theme.series[lane % theme.series.length], opacity: 0.75 },
          large: true,
          largeThreshold: 200,
          tooltip: { formatter: ({ value }) => `${hasClock ? moment(value[0], true, noYear) : day(value[0], noYear)}\n${short(group.name, 60)}` },
        })),
      ],
      // Lanes of an empty log still need a range.
      ...(lanes === 0 ? { yAxis: axis(theme, { type: 'value', min: 0, max: 1, show: false }) } : {}),
    };
  },

  attach(chart, context) {
    chart.on('click', ({ seriesName, value }) => {
      if (seriesName === 'Flagged parts') context.handlers.onRow?.(value[3]);
    });
  },
};
