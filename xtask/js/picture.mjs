/** The README's picture: the built page on a sample, as a visitor has it before them. */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { launch, open, results, serve } from '../../tests/e2e/support.mjs';

const picture = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'docs', 'page.png');
const SAMPLE = { button: 'Analyse Office activity', file: 'office-activity' };
const CHARTS = ['timeline', 'contributions', 'range'];

const server = await serve();
const browser = await launch();
try {
  const { page, problems } = await open(browser, server.url, {
    viewport: { width: 1440, height: 1000 },
    colorScheme: 'light',
  });
  await page.getByRole('button', { name: SAMPLE.button }).click();
  await results(page, SAMPLE.file);
  for (const kind of CHARTS) await page.locator(`.chart-${kind} canvas`).waitFor();
  if (problems.length) throw new Error(problems.join('\n'));
  await page.screenshot({ path: picture, animations: 'disabled' });
  console.log(picture);
} finally {
  await browser.close();
  server.close();
}
