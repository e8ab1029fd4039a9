// Nothing leaves: by the server's record, by the browser's, and by trying.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { drop, launch, log, open, results, serve, tab } from './support.mjs';

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

test('a whole analysis makes no request after load, and the page runs from any sub-path', async () => {
  const server = await serve('/some/where/');
  const { page, problems } = await open(browser, `${server.url}`);
  const loaded = server.requests.length;
  assert.ok(
    server.requests.every((url) => url.startsWith('/some/where/')),
    server.requests.join(),
  );
  const asked = [];
  page.context().on('request', (request) => {
    if (!/^(blob|data):/.test(request.url())) asked.push(request.url());
  });
  await drop(page, 'work.csv', log());
  await results(page, 'work.csv');
  for (const chart of await page.locator('.chart').all()) await chart.scrollIntoViewIfNeeded();
  await page.getByText('Rows of the file').first().click();
  await tab(page, 'Settings');
  await page.getByRole('button', { name: 'New seed' }).click();
  await page.getByRole('button', { name: 'Analyse again' }).click();
  await page.locator('.progress-card').waitFor({ state: 'detached' });
  await page.getByText('Download', { exact: true }).click();
  await Promise.all([page.waitForEvent('download'), page.getByText('Results (CSV)').click()]);
  await page.waitForTimeout(300);
  assert.deepEqual(server.requests.slice(loaded), [], 'seen by the server');
  assert.deepEqual(asked, [], 'seen by the browser');
  assert.match(await page.locator('.seal-badge').innerText(), /Sealed · 0 requests/);
  assert.deepEqual(problems, []);
  await page.context().close();
  server.close();
});

test('page and worker try to leak, and every attempt is refused and shown', async () => {
  const server = await serve();
  const { page } = await open(browser, server.url);
  const loaded = server.requests.length;
  await page.locator('.seal-badge').click();
  await page.getByRole('button', { name: 'Try to leak' }).click();
  await page.getByText('6 of 6 attempts were refused.').waitFor();
  assert.equal(await page.locator('.attempts .not-refused').count(), 0);
  await page.waitForTimeout(300);
  assert.deepEqual(server.requests.slice(loaded), []);
  assert.deepEqual(await page.locator('.seal-facts dd').allInnerTexts(), ['0', '6']);
  await page.context().close();
  server.close();
});

test('ways that the button does not try are closed as well', async () => {
  const server = await serve();
  const { page } = await open(browser, server.url);
  const loaded = server.requests.length;
  const address = page.url();
  const outcome = await page.evaluate(async () => {
    const pause = (ms) => new Promise((go) => setTimeout(go, ms));
    const element = (name, properties) => document.body.append(Object.assign(document.createElement(name), properties));
    element('iframe', { src: 'leak-frame' });
    element('video', { src: 'leak-video' });
    element('object', { data: 'leak-object' });
    element('embed', { src: 'leak-embed' });
    element('script', { src: 'leak-script.js' });
    element('script', {
      type: 'speculationrules',
      textContent: '{"prefetch":[{"source":"list","urls":["leak-rule"]}]}',
    });
    for (const rel of ['prefetch', 'preload', 'modulepreload', 'prerender', 'stylesheet', 'manifest', 'icon']) {
      element('link', { rel, as: 'fetch', href: `leak-${rel}` });
    }
    const ping = Object.assign(document.createElement('a'), { href: '#here', ping: 'leak-ping' });
    document.body.append(ping);
    ping.click();
    const form = Object.assign(document.createElement('form'), { action: 'leak-form' });
    document.body.append(form);
    form.submit();
    new EventSource('leak-events');
    new XMLHttpRequest().open('GET', 'leak-xhr');
    document.body.style.backgroundImage = 'url(leak-background)';
    const tries = [
      () => new FontFace('x', 'url(leak-font)').load(),
      () => navigator.serviceWorker.register('leak-service.js'),
      () => new SharedWorker('leak-shared.js'),
      () => new Worker('leak-worker.js'),
      () => fetch('leak-keepalive', { method: 'POST', body: 'x', keepalive: true }),
    ];
    for (const attempt of tries) {
      try {
        await attempt();
      } catch {
        // A refusal. What counts is what the server saw.
      }
    }
    const opened = window.open('leak-window');
    location.href = 'leak-navigation';
    await pause(1_000);
    return { opened, rtc: typeof RTCPeerConnection };
  });
  assert.deepEqual(outcome, { opened: null, rtc: 'undefined' });
  assert.deepEqual(server.requests.slice(loaded), []);
  assert.equal(new URL(page.url()).pathname, new URL(address).pathname);
  await page.context().close();
  server.close();
});

test('the seal cannot be taken back', async () => {
  const server = await serve();
  const { page } = await open(browser, server.url);
  const refused = await page.evaluate(async () => {
    for (const meta of document.querySelectorAll('meta')) meta.remove();
    return fetch('leak').then(
      () => false,
      () => true,
    );
  });
  assert.ok(refused);
  await page.context().close();
  server.close();
});
