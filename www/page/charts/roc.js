/** The supervised panel's charts: the ROC curve, and what the model weighs. */
import { percent } from './format.js';
import { axis, baseOption, fade, nameAxis, nameWidth } from './theme.js';

/** Interleaved `[x0, y0, x1, y1, ...]` as pairs. */
export function pairs(flat) {
  return Array.from({ length: flat.length / 2 }, (_, i) => [flat[2 * i], flat[2 * i + 1]]);
}

export const roc = {
  option({ curve, auc, operatingPoint }, theme) {
    const areaText = Number.isFinite(auc) ? `Area under the curve ${auc.toFixed(3)}.` : 'One class only: no area.';
    return {
      ...baseOption(theme, `ROC curve: share found against share of false alarms. ${areaText}`),
      tooltip: {
        ...baseOption(theme, '').tooltip,
        trigger: 'axis',
        axisPointer: { type: 'line', lineStyle: { color: theme.line } },
        formatter: (items) => {
          const point = items.find((item) => item.seriesName === 'ROC')?.value;
          return point ? `${percent(point[1])} found\n${percent(point[0])} false alarms` : '';
        },
      },
      grid: { left: 56, right: 16, top: 14, bottom: 44 },
      xAxis: axis(theme, {
        type: 'value',
        min: 0,
        max: 1,
        name: 'false alarms among normal rows',
        nameLocation: 'middle',
        nameGap: 28,
        axisLabel: { formatter: percent },
      }),
      yAxis: axis(theme, { type: 'value', min: 0, max: 1, axisLabel: { formatter: percent } }),
      series: [
        {
          type: 'line',
          name: 'chance',
          data: [
            [0, 0],
            [1, 1],
          ],
          symbol: 'none',
          silent: true,
          lineStyle: { color: theme.muted, width: 1, type: 'dashed' },
        },
        {
          type: 'line',
          name: 'ROC',
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
  },
};

export const coefficients = {
  option({ names, values }, theme) {
    const ranked = names
      .map((name, i) => ({ name, value: values[i] }))
      .sort((a, b) => Math.abs(b.value) - Math.abs(a.value))
      .slice(0, 12);
    return {
      ...baseOption(
        theme,
        `Weights of the features: ${ranked.map(({ name, value }) => `${name} ${value.toFixed(2)}`).join(', ')}`,
      ),
      tooltip: {
        ...baseOption(theme, '').tooltip,
        formatter: ({ dataIndex }) => `${ranked[dataIndex].name}\nweight ${ranked[dataIndex].value.toFixed(3)}`,
      },
      grid: { left: nameWidth(theme) + 14, right: 24, top: 6, bottom: 26 },
      xAxis: axis(theme, { type: 'value', splitNumber: 4 }),
      yAxis: nameAxis(
        theme,
        ranked.map(({ name }) => name),
      ),
      series: [
        {
          type: 'bar',
          barMaxWidth: 14,
          data: ranked.map(({ value }) => ({
            value,
            itemStyle: { color: value >= 0 ? theme.flagged : theme.accent, borderRadius: 2 },
          })),
        },
      ],
    };
  },
};
