import type { Analysis, Analyzer, AnalyzerError, PartialPlan, Source } from './index.js';

/**
 * `<isoscope-analyzer>`: a drop zone, and after a log was dropped the ranked list of who behaved strangely and why.
 * Importing this module registers it. Styling hooks: the parts `drop`, `status`, `error`, `list`, `entity`, and the custom
 * properties `--isoscope-accent`, `--isoscope-surface`, `--isoscope-text`, `--isoscope-line`.
 *
 * Events bubble and cross shadow borders: `ready` (detail `{ version }`), `result` (detail {@link Analysis}),
 * `error` (detail {@link AnalyzerError}).
 */
export class IsoscopeAnalyzer extends HTMLElement {
  /** Address of a log, fetched under the host page's rules. Attribute `src`. */
  src: string | null;
  /** Attribute `plan` as JSON. */
  plan: PartialPlan | null;
  /** The analyzer behind it; null before `ready` and after the element left the page. */
  readonly analyzer: Analyzer | null;
  /** Reads and analyses a source. Rejects with what the `error` event also says. */
  analyze(source: Source): Promise<Analysis>;
}

/** Registers the element, once; a name that is taken already is left alone. */
export function register(name?: string): void;

declare global {
  interface HTMLElementTagNameMap {
    'isoscope-analyzer': IsoscopeAnalyzer;
  }
}
