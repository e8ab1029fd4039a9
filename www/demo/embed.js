// What a host page writes to use Isoscope: listen to the element, call the module. Served from the repository's root after
// `cargo xtask build`; a page of its own imports 'isoscope' and 'isoscope/element'.
import { open } from '../../pkg/index.js';

const element = document.querySelector('#analyzer');
const heard = document.querySelector('#heard');
const output = document.querySelector('#output');

element.addEventListener('ready', ({ detail }) => (heard.textContent = `ready: version ${detail.version}`));
element.addEventListener('result', ({ detail }) => (heard.textContent = `result: ${detail.ranking.length} flagged users`));
element.addEventListener('error', ({ detail }) => (heard.textContent = `error: ${detail.code}`));

const button = document.querySelector('#sample');
button.addEventListener('click', async () => {
  button.disabled = true;
  const analyzer = await open();
  try {
    const sample = await analyzer.sample({ name: 'office-activity', users: 200 });
    await analyzer.ingest(sample.bytes);
    const { ranking } = await analyzer.analyze({ contamination: 0.05 });
    const found = ranking.filter(({ name }) => sample.planted.includes(name));
    output.textContent = [
      `${found.length} of ${sample.planted.length} planted users are among the ${ranking.length} flagged:`,
      ...ranking.map(({ name, score, sentence }) => `${score.toFixed(3)}  ${name}: ${sentence}`),
    ].join('\n');
    await element.analyze(new File([sample.bytes], sample.name));
  } catch (error) {
    output.textContent = `${error.code}: ${error.message}`;
  } finally {
    analyzer.dispose();
    button.disabled = false;
  }
});
