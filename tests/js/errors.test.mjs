import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { AnalyzerError, CLIENT_CODES, ENGINE_CODES, ERROR_CODES, toPlainError } from '../../www/errors.js';

/** The strings of a Rust list constant. */
async function rustList(path, name) {
  const source = await readFile(new URL(`../../${path}`, import.meta.url), 'utf8');
  const list = source.match(new RegExp(`const ${name}: [^=]*=\\s*&\\[([^\\]]*)\\]`));
  assert.ok(list, `${path} has no list ${name}`);
  return [...list[1].matchAll(/"([^"]+)"/g)].map((match) => match[1]);
}

test('the codes are those of the engine', async () => {
  assert.deepEqual(ENGINE_CODES, await rustList('src/engine/error.rs', 'CODES'));
  assert.deepEqual(CLIENT_CODES, await rustList('src/protocol/mod.rs', 'CLIENT_CODES'));
});

test('the types name every code and no other', async () => {
  const types = await readFile(new URL('../../www/index.d.ts', import.meta.url), 'utf8');
  const union = types.match(/type ErrorCode =([^;]*);/)[1];
  assert.deepEqual([...union.matchAll(/'([^']+)'/g)].map((match) => match[1]), [...ERROR_CODES]);
});

test('an error survives cloning', () => {
  const position = { record: 3, line: 4, byte: 50 };
  const error = new AnalyzerError('record-too-long', 'too long', { position, detail: { limit: 7 } });
  const back = AnalyzerError.from(structuredClone(toPlainError(error)));
  assert.ok(back instanceof AnalyzerError && back instanceof Error);
  assert.deepEqual(
    { name: back.name, code: back.code, message: back.message, position: back.position, detail: back.detail },
    { name: 'AnalyzerError', code: 'record-too-long', message: 'too long', position, detail: { limit: 7 } },
  );
});

test('parts that are not there are absent', () => {
  const error = AnalyzerError.from({ name: 'AnalyzerError', code: 'options', message: 'm', detail: null, position: undefined });
  assert.equal('detail' in error, false);
  assert.equal('position' in error, false);
});

test('anything else that is thrown becomes internal and keeps its words', () => {
  for (const thrown of [new TypeError('no such thing'), 'text', null, undefined, { code: 'ENOENT', message: 'no file' }]) {
    const error = AnalyzerError.from(thrown);
    assert.equal(error.code, 'internal');
    structuredClone(toPlainError(thrown));
  }
  assert.match(AnalyzerError.from(new TypeError('no such thing')).message, /TypeError: no such thing/);
});
