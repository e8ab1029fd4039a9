// Dots of a beeswarm lie beside each other as long as there is room.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { spread } from '../../www/page/charts/swarm.js';

const DOT_PX = 5;
const order = (xs) => Array.from(xs.keys()).sort((a, b) => xs[a] - xs[b]);
const overlaps = (xs, offsets) => {
  let n = 0;
  for (let a = 0; a < xs.length; a += 1) {
    for (let b = a + 1; b < xs.length; b += 1) {
      n += Math.abs(xs[a] - xs[b]) < DOT_PX && Math.abs(offsets[a] - offsets[b]) < DOT_PX;
    }
  }
  return n;
};

test('none lies on another, and a lone one is in the middle', () => {
  const xs = Float64Array.from({ length: 200 }, (_, i) => (i * 7919) % 301);
  const offsets = spread(order(xs), xs, 40, DOT_PX);
  assert.equal(overlaps(xs, offsets), 0);
  assert.ok(offsets.every((offset) => Math.abs(offset) + DOT_PX / 2 <= 40));
  assert.ok(overlaps(xs, new Float64Array(200)) > 0, 'without being spread they would');
  assert.deepEqual([...spread([0], [12], 40, DOT_PX)], [0]);
});

test('more than fit stay within the row', () => {
  const xs = new Float64Array(500).fill(100);
  const offsets = spread(order(xs), xs, 14, DOT_PX);
  assert.ok(offsets.every((offset) => Math.abs(offset) + DOT_PX / 2 <= 14));
  assert.equal(new Set(offsets).size, 5);
});

test('a row without room has one line', () => {
  assert.deepEqual([...spread([0, 1], [3, 3], 1, DOT_PX)], [0, 0]);
});
