// The page in the Firefox that is installed: it opens, seals itself and analyses. Where there is none this is skipped.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { firefoxPath, openInFirefox } from './firefox.mjs';
import { serve } from './support.mjs';

const path = firefoxPath();
/** For anything that is waited for: a browser that starts cold beside other work is slow. */
const PATIENCE_MS = 60_000;

test(
  'Firefox opens the page and analyses a sample; nothing is asked of the network and no error is logged',
  { skip: path ? false : 'no Firefox here; FIREFOX may name one' },
  async () => {
    const server = await serve();
    const firefox = await openInFirefox(path, server.url);
    const until = async (expression) => {
      for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await pause(100)) {
        const value = await firefox.evaluate(expression);
        if (value) return value;
      }
      throw new Error(`${expression}: still not so. The console has: ${firefox.problems.join(' / ') || 'nothing'}`);
    };
    try {
      const label = 'button[aria-label="Analyse Office activity"]';
      await until(`document.querySelector('${label}') !== null`);
      const nBefore = server.requests.length;
      await firefox.evaluate(`document.querySelector('${label}').click()`);
      const headline = await until(`document.querySelector('#headline')?.innerText`);
      assert.match(headline, /\d+ of 500 users stand out/);
      await until(`document.querySelectorAll('.ranked').length > 0`);
      const sentence = await firefox.evaluate(`document.querySelector('.ranked-why').innerText`);
      assert.ok(sentence.length > 20, sentence);
      await until(`document.querySelector('.chart-contributions canvas') !== null`);
      assert.deepEqual(server.requests.slice(nBefore), [], 'asked for after the page was sealed');
      assert.deepEqual(firefox.problems, [], 'errors in the console, policy violations among them');
    } finally {
      await firefox.close();
      server.close();
    }
  },
);
