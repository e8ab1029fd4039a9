// The package's types as an embedder meets them. Checked by the compiler, never run.
import { AnalyzerError, analyze, open } from '../../www/index.js';
import type { Analysis, Density, ErrorCode, Progress, Source } from '../../www/index.js';
import { IsoscopeAnalyzer, register } from '../../www/element.js';

export async function embed(file: File, signal: AbortSignal): Promise<Analysis> {
  const analyzer = await open({ signal, workers: 1, warm: false, wasm: new Uint8Array(8) });
  const remove: () => void = analyzer.on('progress', (progress: Progress) => {
    if (progress.stage === 'ingest') console.log(progress.rows, progress.secondsLeft ?? 0);
    else console.log(progress.done / progress.total);
  });
  const table = await analyzer.ingest(file, { delimiter: ';', encoding: 'utf-16le', signal });
  const suggestion = await analyzer.suggest();
  suggestion.roles.entity = table.columns[0].name;
  const analysis = await analyzer.analyze(suggestion, { signal });
  const scores: Float64Array = analysis.scores;
  const curve: Float64Array | undefined = analysis.metrics?.curves.roc;
  const moved = await analyzer.setThreshold({ budget: 5 });
  const flags: Uint8Array = moved.flags;
  const daily = await analyzer.setThreshold({ alertsPerDay: 2.5 });
  console.log(daily.appeared.count, daily.disappeared.rows.length);
  const space = { neighbors: [5, 20], trees: { from: 50, to: 500, log: true, whole: true }, detector: ['knn', ['knn', 'iforest']] };
  const tuning = await analyzer.tune({ plan: suggestion, space, search: 'random', basis: 'planted' }, { signal });
  await analyzer.analyze({ ...tuning.plan, cost: { miss: 20, falseAlarm: 1 } });
  console.log(tuning.candidates[tuning.best].score ?? 0, tuning.notes);
  const density: Density = await analyzer.density({ flaggedOnly: true, nTimes: 10 });
  await analyzer.evaluate({ labels: new Uint8Array(scores.length) });
  await analyzer.explain(analysis.ranking[0].row);
  await analyzer.export('results');
  const { values }: { values: Float64Array } = await analyzer.correlations();
  const { rows } = await analyzer.rowsAbove(0, analysis.unit === 'day' ? 1 : 2);
  console.log(values, rows, analysis.featureInfo[0].formula ?? '');
  remove();
  analyzer.dispose();
  console.log(curve, flags, density.counts);
  return analysis;
}

export async function sources(stream: ReadableStream<Uint8Array>, blob: Blob): Promise<void> {
  const all: Source[] = [blob, stream, new ArrayBuffer(1), new Uint8Array(1), 'a,b\n1,2\n', [{ user: 'anna', n: 1 }]];
  for (const source of all) await analyze(source, { recipe: 'user-day', parameters: { trees: 10 } }, { workers: 0 });
}

export function failure(error: unknown): ErrorCode | undefined {
  return error instanceof AnalyzerError ? error.code : undefined;
}

export function element(): void {
  register();
  const found: IsoscopeAnalyzer | null = document.querySelector('isoscope-analyzer');
  if (found) found.plan = { contamination: 0.02, detector: ['iforest'] };
}

export async function refused(): Promise<void> {
  const analyzer = await open();
  // @ts-expect-error no such event
  analyzer.on('finished', () => {});
  // @ts-expect-error no such recipe
  await analyzer.analyze({ recipe: 'weekly' });
  // @ts-expect-error a number is no source
  await analyzer.ingest(42);
  // @ts-expect-error no such file
  await analyzer.export('pdf');
}
