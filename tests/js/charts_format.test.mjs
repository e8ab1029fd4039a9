// What charts write: times in a unit that fits, and days where a log has no clock.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { day, moment, number, span } from '../../www/page/charts/format.js';

test('a time is said in the largest unit of which it is one or more', () => {
  assert.equal(number(0.001, 'h'), '3.6 s');
  assert.equal(number(0.05, 'd'), '1.2 h');
  assert.equal(number(0, 'h'), '0 h');
  assert.equal(number(0.5, 'min'), '30 s');
  assert.equal(number(0.102, 'h'), '6.12 min');
  assert.equal(number(150, 'min'), '2.5 h');
  assert.equal(number(24, 'h'), '1 day');
  assert.equal(number(-2.5, 'd'), '-2.5 days');
  assert.equal(number(0.25, 's'), '0.25 s');
  assert.equal(number(0.001, 'events'), '0.001 events');
});

test('what is between two moments, by the minute or by the day', () => {
  const [from, to] = [Date.UTC(2024, 2, 1), Date.UTC(2024, 2, 2)];
  assert.equal(span(from, to, true), '2024-03-01 00:00 to 2024-03-02 00:00');
  assert.equal(span(from, to, false), '2024-03-01', 'the end is no part of it');
  assert.equal(span(from, to + 1, false), '2024-03-01 to 2024-03-02');
});

test('a log that names no year has none in its dates', () => {
  const ms = Date.UTC(2000, 11, 10, 6, 55, 46);
  assert.deepEqual([day(ms, true), moment(ms, false, true), moment(ms, true, true)], ['Dec 10', 'Dec 10 06:55', 'Dec 10 06:55:46']);
  assert.equal(span(ms, ms + 60_000, true, true), 'Dec 10 06:55 to Dec 10 06:56');
  assert.equal(span(ms - 24 * 3_600_000, ms, false, true), 'Dec 9 to Dec 10');
  assert.equal(number(ms / 86_400_000 - 0.3, 'date without year'), 'Dec 10');
});
