// Names as one text and where each ends in it, as strings again.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unpacked, withNames } from '../../www/names.js';

/** As the engine packs them. */
function packed(names) {
  let at = 0;
  const ends = Uint32Array.from(names, (name) => (at += Buffer.byteLength(name)));
  return { text: new Uint8Array(Buffer.from(names.join(''))), ends };
}

test('names of every kind come out as they were', () => {
  const kinds = ['anna', '', 'Jürgen', '日本', '😀 and 👩‍👩‍👧', '\ufeffmark', '', 'a\0b', '\ufffd', 'one that is longer than others'];
  assert.deepEqual(unpacked(packed(kinds)), kinds);
  assert.deepEqual(unpacked(packed([])), []);
  assert.deepEqual(unpacked(packed(['', ''])), ['', '']);
  const many = Array.from({ length: 20_011 }, (_, i) => `${kinds[i % kinds.length]}${i % 3 ? i : ''}`);
  assert.deepEqual(unpacked(packed(many)), many);
});

test('names are made once, when they are asked for', () => {
  const subjects = packed(['a', 'b']);
  let nReads = 0;
  const watched = { get text() { nReads += 1; return subjects.text; }, ends: subjects.ends };
  const analysis = withNames({ subjects: watched, entities: packed(['a 2026-01-05']) });
  assert.equal(nReads, 0);
  assert.deepEqual(analysis.subjects, ['a', 'b']);
  assert.equal(analysis.subjects, analysis.subjects);
  assert.equal(nReads, 1);
  assert.deepEqual(analysis.entities, ['a 2026-01-05']);
  assert.deepEqual(Object.keys(analysis), ['subjects', 'entities']);
});

test('where rows are subjects there is one array, and a copy of the analysis has it', () => {
  const analysis = withNames({ subjects: packed(['a', 'b']) });
  const copy = structuredClone(analysis);
  assert.equal(analysis.entities, analysis.subjects);
  assert.deepEqual(copy, { subjects: ['a', 'b'], entities: ['a', 'b'] });
  assert.equal(JSON.stringify(analysis), '{"subjects":["a","b"],"entities":["a","b"]}');
});
