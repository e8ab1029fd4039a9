/**
 * Elements and style of `<isoscope-analyzer>`.
 */

/**
 * An element with attributes and children. Text children become text nodes: nothing is ever parsed as markup.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, string | boolean>} [attributes] `true` sets an empty attribute, `false` none
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== false) element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children);
  return element;
}

/** Colours follow the host page's light or dark scheme; severities differ in shape as well as in colour. */
export const STYLE = `
  :host {
    --accent: var(--isoscope-accent, light-dark(#1f5fbf, #7fb0ff));
    --surface: var(--isoscope-surface, light-dark(#ffffff, #14181f));
    --text: var(--isoscope-text, light-dark(#1a2230, #e6eaf2));
    --line: var(--isoscope-line, light-dark(#c9d1de, #38414f));
    --quiet: light-dark(#566175, #a2adbf);
    --high: light-dark(#b3261e, #ff8a80);
    --medium: light-dark(#8f5200, #ffb95c);
    --low: light-dark(#5c6300, #d5dc5b);
    color-scheme: light dark;
    display: block;
    container-type: inline-size;
    padding: 1rem;
    font: 0.9375rem/1.5 system-ui, sans-serif;
    color: var(--text);
    background: var(--surface);
    border: 1px solid var(--line);
    border-radius: 0.5rem;
  }
  :host([hidden]), [hidden] { display: none !important; }
  p { margin: 0.5rem 0; }
  .drop { padding: 1.25rem; text-align: center; border: 2px dashed var(--line); border-radius: 0.375rem; }
  .drop.over { border-color: var(--accent); }
  .quiet { color: var(--quiet); font-size: 0.8125rem; }
  button { padding: 0.375rem 0.75rem; font: inherit; color: var(--surface); background: var(--accent); border: 0; border-radius: 0.25rem; cursor: pointer; }
  :focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
  progress { width: 100%; margin-top: 0.75rem; accent-color: var(--accent); }
  .error { color: var(--high); }
  ol { margin: 0; padding: 0; list-style: none; }
  li { border-top: 1px solid var(--line); }
  summary { display: grid; grid-template-columns: 1em 6em minmax(0, 1fr) auto; gap: 0 0.5rem; padding: 0.5rem 0; cursor: pointer; list-style: none; }
  summary::-webkit-details-marker { display: none; }
  summary::before { content: "›"; color: var(--quiet); }
  details[open] summary::before { transform: rotate(90deg); }
  .name { font-weight: 600; overflow-wrap: anywhere; }
  .score { font-variant-numeric: tabular-nums; }
  .why { grid-column: 3 / -1; overflow-wrap: anywhere; }
  @container (max-width: 32rem) { .why { grid-column: 2 / -1; } }
  .high { color: var(--high); }
  .medium { color: var(--medium); }
  .low { color: var(--low); }
  .table { overflow-x: auto; padding-bottom: 0.75rem; }
  table { border-collapse: collapse; font-size: 0.8125rem; font-variant-numeric: tabular-nums; }
  th, td { padding: 0.125rem 0.75rem 0.125rem 0; text-align: right; font-weight: 400; }
  caption { padding-bottom: 0.25rem; text-align: left; }
  thead th { color: var(--quiet); }
  th:first-child { text-align: left; }
`;
