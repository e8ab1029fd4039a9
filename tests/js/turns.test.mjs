// Work on the page in turns: one job a frame, what is near the screen first.
import assert from 'node:assert/strict';
import { test } from 'node:test';

const frames = [];
globalThis.document = { hidden: false };
globalThis.requestAnimationFrame = (callback) => frames.push(callback);
const { inTurn, soon } = await import('../../www/page/turns.js');

/** Draws a frame, and lets what follows it run. */
async function frame() {
  frames.splice(0).forEach((callback) => callback());
  await new Promise((done) => setTimeout(done, 5));
}

test('one job each time a frame was drawn, what is near before what is not', async () => {
  const done = [];
  inTurn(() => done.push('far'));
  inTurn(() => done.push('farther'));
  soon(() => done.push('near'));
  assert.deepEqual(done, [], 'nothing before the frame');
  await frame();
  assert.deepEqual(done, ['near']);
  soon(() => done.push('also near'));
  await frame();
  assert.deepEqual(done, ['near', 'also near']);
  await frame();
  await frame();
  assert.deepEqual(done, ['near', 'also near', 'far', 'farther']);
  assert.equal(frames.length, 0, 'and no frame is asked for in vain');
});

test('a job that throws keeps no other from its turn', async (t) => {
  const done = [];
  const thrown = [];
  const listeners = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException');
  process.once('uncaughtException', (error) => thrown.push(error.message));
  t.after(() => listeners.forEach((listener) => process.on('uncaughtException', listener)));
  soon(() => {
    throw new Error('of the first');
  });
  soon(() => done.push('second'));
  await frame();
  await frame();
  assert.deepEqual([thrown, done], [['of the first'], ['second']]);
});

test('a hidden page, which is not drawn, goes on without frames', async () => {
  document.hidden = true;
  const done = [];
  inTurn(() => done.push(1));
  inTurn(() => done.push(2));
  await new Promise((finished) => setTimeout(finished, 30));
  assert.deepEqual(done, [1, 2]);
  assert.equal(frames.length, 0);
});
