/**
 * `<isoscope-analyzer>`: the module with a face, in its simplest form.
 *
 * Built for host pages with a strict policy: styles are an adopted sheet, never an attribute; what comes from a log is
 * set as text, never as markup; scripts and wasm come from where this file lies, or from `worker-url` and `wasm-url`.
 */
import { AnalyzerError, filesOf, open } from './client.js';
import { RankedList } from './element-list.js';
import { STYLE, el } from './element-dom.js';
import { rowsInWords } from './units.js';

/** What a chooser offers first. Kinds are told by content; a drop takes anything. */
const ACCEPTED = '.csv,.tsv,.txt,.log,.json,.jsonl,.ndjson,.gz,.zip,text/*';

const number = new Intl.NumberFormat('en-US');

// A server that renders pages may import this module too; there is nothing to extend there.
const Base = /** @type {typeof HTMLElement} */ (globalThis.HTMLElement ?? class {});

/** Documented in `element.d.ts`. */
export class IsoscopeAnalyzer extends Base {
  static observedAttributes = ['src', 'plan'];

  /** @type {Promise<import('./analyzer.js').Analyzer> | null} */
  #opening = null;
  /** @type {import('./analyzer.js').Analyzer | null} */
  #analyzer = null;
  /** @type {AbortController | null} ends the run under way */
  #run = null;
  #hasTable = false;
  #view = this.#build();

  get src() {
    return this.getAttribute('src');
  }

  set src(value) {
    setOrRemove(this, 'src', value);
  }

  /** @returns {object | null} */
  get plan() {
    const text = this.getAttribute('plan');
    if (!text) return null;
    try {
      return JSON.parse(text);
    } catch (cause) {
      throw new AnalyzerError('options', `attribute plan: expected JSON, ${/** @type {Error} */ (cause).message}`, { cause });
    }
  }

  set plan(value) {
    setOrRemove(this, 'plan', value === null ? null : JSON.stringify(value));
  }

  get analyzer() {
    return this.#analyzer;
  }

  connectedCallback() {
    if (this.#opening) return;
    const opening = this.#open();
    if (this.src) this.#start((signal) => fetchSource(/** @type {string} */ (this.src), signal));
    opening.then(
      (analyzer) => this.#say('ready', { version: analyzer.version }),
      // A run under way tells of the failure itself.
      (error) => this.#run || this.#fail(error),
    );
  }

  disconnectedCallback() {
    // Moving an element within the page disconnects and connects it again at once.
    queueMicrotask(() => {
      if (this.isConnected) return;
      this.#run?.abort();
      this.#close();
    });
  }

  /**
   * @param {string} name
   * @param {string | null} before
   * @param {string | null} after
   */
  attributeChangedCallback(name, before, after) {
    if (!this.#opening || before === after) return;
    if (name === 'src' && after) this.#start((signal) => fetchSource(after, signal));
    if (name === 'plan' && this.#hasTable) this.#start(null);
  }

  /** @param {unknown} source */
  analyze(source) {
    return this.#analyze(async () => source);
  }

  /** @returns {Promise<import('./analyzer.js').Analyzer>} */
  #open() {
    if (this.#opening) return this.#opening;
    const opening = open({
      workerUrl: this.getAttribute('worker-url') ?? undefined,
      wasm: this.getAttribute('wasm-url') ?? undefined,
    });
    this.#opening = opening;
    opening.then(
      (analyzer) => {
        if (this.#opening === opening) this.#analyzer = analyzer;
        analyzer.on('progress', (progress) => this.#showProgress(progress));
      },
      () => {
        if (this.#opening === opening) this.#close();
      },
    );
    return opening;
  }

  /** Gives up the analyzer; the next run opens another. */
  #close() {
    this.#opening?.then(
      (analyzer) => analyzer.dispose(),
      // It never opened: nothing to give up.
      () => {},
    );
    this.#opening = null;
    this.#analyzer = null;
    this.#hasTable = false;
  }

  /**
   * A run that nobody awaits: what goes wrong is told by the `error` event.
   * @param {((signal: AbortSignal) => Promise<unknown>) | null} getSource
   */
  #start(getSource) {
    this.#analyze(getSource).catch(() => {});
  }

  /**
   * @param {((signal: AbortSignal) => Promise<unknown>) | null} getSource null to analyse the table there is anew
   */
  async #analyze(getSource) {
    this.#run?.abort();
    const run = new AbortController();
    const { signal } = run;
    this.#run = run;
    const { list, error, status } = this.#view;
    error.hidden = true;
    this.#showBusy(true);
    try {
      const plan = this.plan ?? {};
      const analyzer = await this.#open();
      if (getSource) {
        const source = await getSource(signal);
        await analyzer.ingest(source, { signal });
        this.#hasTable = true;
      }
      const analysis = await analyzer.analyze(plan, { signal });
      const table = await analyzer.summary({ signal });
      const nFlags = analysis.flags.reduce((/** @type {number} */ sum, /** @type {number} */ flag) => sum + flag, 0);
      status.textContent =
        `${number.format(table.rows)} events, ${number.format(analysis.scores.length)} ${rowsInWords(analysis)}, ` +
        `${number.format(nFlags)} flagged`;
      list.show(analysis, analyzer);
      this.#say('result', analysis);
      return analysis;
    } catch (thrown) {
      const failure = AnalyzerError.from(thrown);
      if (failure.code === 'worker-failed') this.#close();
      // A run that a newer one took over has no more say in what is shown.
      if (this.#run === run) {
        status.textContent = '';
        if (failure.code !== 'aborted' && failure.code !== 'disposed') this.#fail(failure);
      }
      throw failure;
    } finally {
      if (this.#run === run) {
        this.#run = null;
        this.#showBusy(false);
      }
    }
  }

  /** @param {unknown} thrown */
  #fail(thrown) {
    const failure = AnalyzerError.from(thrown);
    const { error } = this.#view;
    error.textContent = `${failure.message} (${failure.code})`;
    error.hidden = false;
    this.#say('error', failure);
  }

  /**
   * @param {string} type
   * @param {unknown} detail
   */
  #say(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, composed: true }));
  }

  /** @param {boolean} busy */
  #showBusy(busy) {
    const { drop, progress, cancel } = this.#view;
    drop.setAttribute('aria-busy', String(busy));
    progress.hidden = !busy;
    cancel.hidden = !busy;
    if (busy) progress.removeAttribute('value');
  }

  /** @param {any} progress */
  #showProgress({ stage, bytes, totalBytes, rows, done, total }) {
    const { progress, status } = this.#view;
    const [part, whole] = stage === 'ingest' ? [bytes, totalBytes] : [done, total];
    if (whole > 0) {
      progress.max = whole;
      progress.value = part;
    } else progress.removeAttribute('value');
    status.textContent = stage === 'ingest' ? `Reading: ${number.format(rows)} events` : `Analysing: ${stage}`;
  }

  #build() {
    // Without a document (on a server) there is nothing to build.
    if (!globalThis.document) return /** @type {any} */ (null);
    const root = this.attachShadow({ mode: 'open' });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    root.adoptedStyleSheets = [sheet];

    const file = el('input', { type: 'file', hidden: true, multiple: true, accept: ACCEPTED });
    const pick = el('button', { type: 'button' }, 'Choose a log');
    const drop = el('div', { part: 'drop', class: 'drop', role: 'group', 'aria-label': 'Log to analyse' });
    const cancel = el('button', { type: 'button', hidden: true }, 'Cancel');
    const progress = el('progress', { hidden: true, 'aria-label': 'Progress' });
    const status = el('p', { part: 'status', role: 'status' });
    const error = el('p', { part: 'error', class: 'error', role: 'alert', hidden: true });
    const list = new RankedList();
    drop.append(el('p', {}, 'Drop a log, several or a folder here, or '), pick, file, el('p', { class: 'quiet' }, 'It stays on this device.'));
    root.append(drop, progress, cancel, status, error, list.root);

    pick.addEventListener('click', () => file.click());
    file.addEventListener('change', () => {
      const chosen = [...(file.files ?? [])];
      if (chosen.length > 0) this.#start(async () => chosen);
      // The same file may be chosen again after it was changed.
      file.value = '';
    });
    cancel.addEventListener('click', () => this.#run?.abort());
    drop.addEventListener('dragover', (event) => {
      event.preventDefault();
      drop.classList.add('over');
    });
    drop.addEventListener('dragleave', () => drop.classList.remove('over'));
    drop.addEventListener('drop', (event) => {
      event.preventDefault();
      drop.classList.remove('over');
      if (!event.dataTransfer?.types.includes('Files')) return;
      const dropped = filesOf(event.dataTransfer);
      this.#start(() => dropped);
    });
    return { drop, cancel, progress, status, error, list };
  }
}

/**
 * @param {string} src
 * @param {AbortSignal} signal
 */
async function fetchSource(src, signal) {
  let response;
  try {
    response = await fetch(src, { signal });
  } catch (cause) {
    if (signal.aborted) throw new AnalyzerError('aborted', 'fetching the source was aborted', { cause });
    throw new AnalyzerError('source-failed', `src ${src} cannot be fetched: ${/** @type {Error} */ (cause).message}`, { cause });
  }
  if (!response.ok) throw new AnalyzerError('source-failed', `src ${src} cannot be fetched: HTTP ${response.status}`);
  return response.body ?? response.arrayBuffer();
}

/**
 * @param {Element} element
 * @param {string} name
 * @param {string | null} value
 */
function setOrRemove(element, name, value) {
  if (value === null || value === undefined) element.removeAttribute(name);
  else element.setAttribute(name, value);
}

/**
 * Registers the element, once; a name that is taken already is left alone.
 * @param {string} [name]
 */
export function register(name = 'isoscope-analyzer') {
  const registry = globalThis.customElements;
  if (!registry || registry.get(name)) return;
  // A constructor can have one name only, so a second name gets a class of its own.
  registry.define(name, registry.getName?.(IsoscopeAnalyzer) ? class extends IsoscopeAnalyzer {} : IsoscopeAnalyzer);
}

register();
