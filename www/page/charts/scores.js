/** The distribution of scores with a threshold that can be dragged. */
import { count, number } from './format.js';
import { barSeries, binned } from './histogram.js';
import { axis, baseOption } from './theme.js';

const N_BINS = 56;
/** Pixels around the line within which a press takes hold of it. */
const GRIP_PX = 14;

const binsOf = new WeakMap();

function bins(scores) {
  if (!binsOf.has(scores)) binsOf.set(scores, binned(scores, N_BINS));
  return binsOf.get(scores);
}

/** How many scores of the bin under the threshold are above it: the bin is drawn in two colours. */
function countAbove(scores, from, to, threshold) {
  let above = 0;
  for (const score of scores) if (score > threshold && score >= from && score < to) above += 1;
  return above;
}

function bars({ scores, threshold }) {
  const { low, width, counts } = bins(scores);
  const normal = [];
  const flagged = [];
  counts.forEach((n, i) => {
    const [from, to] = [low + i * width, low + (i + 1) * width];
    const end = i === counts.length - 1 ? Infinity : to;
    const above = threshold < from ? n : threshold >= end ? 0 : countAbove(scores, from, end, threshold);
    if (n - above > 0) normal.push([from, to, 0, n - above]);
    if (above > 0) flagged.push([from, to, n - above, n]);
  });
  return { normal, flagged };
}

export const scores = {
  option(data, theme) {
    const { low, high } = bins(data.scores);
    const { normal, flagged } = bars(data);
    const nFlagged = data.flagged;
    return {
      ...baseOption(
        theme,
        `Distribution of ${count(data.scores.length)} scores from ${number(low)} to ${number(high)}. ` +
          `${count(nFlagged)} are above the threshold of ${number(data.threshold)}.`,
      ),
      grid: { left: 52, right: 20, top: 40, bottom: 44 },
      xAxis: axis(theme, {
        type: 'value',
        min: low,
        max: Math.max(high, data.threshold),
        name: 'score: higher is stranger',
        nameLocation: 'middle',
        nameGap: 28,
        splitLine: false,
        axisLabel: { formatter: (value) => number(value), showMinLabel: false, showMaxLabel: false },
      }),
      yAxis: axis(theme, {
        type: 'value',
        minInterval: 1,
        // On a narrow screen the words at the line need its place.
        name: theme.width > 600 ? data.unit : '',
        nameGap: 12,
        axisLabel: { formatter: count },
      }),
      series: [
        barSeries('Not flagged', normal, { fill: theme.normal }),
        barSeries('Flagged', flagged, { fill: theme.flagged }),
        {
          type: 'custom',
          name: 'Threshold',
          data: [[data.threshold]],
          encode: { x: 0 },
          z: 10,
          silent: true,
          renderItem: ({ coordSys }, api) => {
            const [x] = api.coord([api.value(0), 0]);
            const isRight = x > coordSys.x + coordSys.width * 0.5;
            return {
              type: 'group',
              children: [
                {
                  type: 'line',
                  shape: { x1: x, x2: x, y1: coordSys.y - 6, y2: coordSys.y + coordSys.height },
                  style: { stroke: theme.ink, lineWidth: 1.5 },
                },
                {
                  type: 'rect',
                  shape: { x: x - 5, y: coordSys.y + coordSys.height / 2 - 14, width: 10, height: 28, r: 4 },
                  style: { fill: theme.surface, stroke: theme.ink, lineWidth: 1.5 },
                },
                {
                  type: 'text',
                  style: {
                    text: `${count(nFlagged)} flagged above ${data.threshold.toFixed(3)}`,
                    x: x + (isRight ? -8 : 8),
                    y: coordSys.y - 20,
                    fill: theme.ink,
                    font: `600 12px ${theme.font}`,
                    textAlign: isRight ? 'right' : 'left',
                  },
                },
              ],
            };
          },
        },
      ],
    };
  },

  attach(chart, context) {
    const zr = chart.getZr();
    let isDragging = false;
    const toX = (value) => chart.convertToPixel({ xAxisIndex: 0 }, value);
    const isNear = (event) => Math.abs(event.offsetX - toX(context.data.threshold)) <= GRIP_PX;

    const move = (event, isFinal) => {
      const { low, high } = bins(context.data.scores);
      const value = Math.min(high, Math.max(low, chart.convertFromPixel({ xAxisIndex: 0 }, event.offsetX)));
      if (Number.isFinite(value)) context.handlers.onThreshold?.(value, isFinal);
    };
    zr.on('mousedown', (event) => {
      isDragging = isNear(event);
      if (isDragging) event.event.preventDefault();
    });
    zr.on('mousemove', (event) => {
      if (isDragging) move(event, false);
      zr.setCursorStyle(isDragging || isNear(event) ? 'ew-resize' : 'default');
    });
    const drop = (event) => {
      if (!isDragging) return;
      isDragging = false;
      move(event, true);
    };
    zr.on('mouseup', drop);
    zr.on('globalout', () => {
      if (isDragging) context.handlers.onThreshold?.(context.data.threshold, true);
      isDragging = false;
    });
  },
};
