import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { openSource } from '../../www/source.js';

/** The reader of a source that is one. */
const readerOf = (source) => openSource(source).files[0].reader;

async function textOf(source) {
  const opened = readerOf(source);
  const chunks = [];
  for (let chunk = await opened.read(); chunk; chunk = await opened.read()) {
    assert.equal(chunk.byteOffset, 0);
    chunks.push(Buffer.from(chunk));
  }
  return Buffer.concat(chunks).toString();
}

const stream = (chunks) =>
  new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });

test('records become CSV with the union of their keys', async () => {
  const records = [
    { user: 'anna', n: 1 },
    { user: 'b"o\nb', at: new Date(Date.UTC(2026, 0, 5)), ok: true },
    { n: null, user: undefined, more: { a: [1] } },
    { user: ' padded', n: 12345678901234567890n, at: new Date(NaN) },
    { user: '', n: -0.5 },
  ];
  assert.equal(
    await textOf(records),
    'user,n,at,ok,more\n' +
      'anna,1,,,\n' +
      '"b""o\nb",,2026-01-05T00:00:00.000Z,true,\n' +
      ',,,,"{""a"":[1]}"\n' +
      '" padded",12345678901234567890,,,\n' +
      ',-0.5,,,\n',
  );
  assert.deepEqual(openSource(records).fixed, { encoding: 'utf-8', delimiter: ',', header: true });
});

test('a record whose only value is missing stays a record', async () => {
  assert.equal(await textOf([{ a: null }, { a: 1 }]), 'a\n""\n1\n');
});

test('records may come from a generator, and be none', async () => {
  assert.equal(await textOf((function* () { yield { a: 1 }; yield { b: 2 }; })()), 'a,b\n1,\n,2\n');
  assert.equal(await textOf([]), '');
});

test('what is no record is refused by its number', async () => {
  for (const [records, found] of [
    [[{ a: 1 }, 7], /record 2 .* found number/],
    [[null], /record 1 .* found null/],
    [[['a', 'b']], /record 1 .* found an array/],
  ]) {
    await assert.rejects(textOf(records), (error) => error.code === 'options' && found.test(error.message));
  }
});

test('long text is cut between characters', async () => {
  const text = `x${'😀'.repeat(300_000)}é`;
  assert.equal(await textOf(text), text);
});

test('buffers are copied, not taken', async () => {
  const whole = new TextEncoder().encode('__a,b\n1,2\n__');
  assert.equal(await textOf(whole.subarray(2, -2)), 'a,b\n1,2\n');
  assert.equal(await textOf(whole.buffer), '__a,b\n1,2\n__');
  assert.equal(await textOf(new DataView(whole.buffer, 2, 3)), 'a,b');
  assert.equal(whole.length, 12);
  const large = new Uint8Array(3_000_000).fill(97);
  assert.equal((await textOf(large)).length, 3_000_000);
});

test('small chunks of a stream are joined and large ones cut', async () => {
  const opened = readerOf(stream([new Uint8Array(10).fill(97), new Uint8Array(0), new Uint8Array(2_500_000).fill(98)]));
  const sizes = [];
  for (let chunk = await opened.read(); chunk; chunk = await opened.read()) sizes.push(chunk.length);
  assert.deepEqual(sizes, [1 << 20, 1 << 20, 2_500_010 - 2 * (1 << 20)]);
});

test('streams may give buffers, views and text; Node streams too', async () => {
  assert.equal(await textOf(stream([new Uint8Array([97]).buffer, Buffer.from('b'), 'c'])), 'abc');
  assert.equal(await textOf(Readable.from([Buffer.from('a'), Buffer.from('b')])), 'ab');
  await assert.rejects(textOf(stream(['a', { b: 1 }])), (error) => error.code === 'source-failed' && /chunk 2/.test(error.message));
});

test('a Blob is handed on as it is, with its name', () => {
  const blob = new Blob(['a,b\n']);
  assert.deepEqual(openSource(blob).files, [{ name: '', blob }]);
  const file = new File(['a,b\n'], 'a.csv');
  assert.deepEqual(openSource(file).files, [{ name: 'a.csv', blob: file }]);
});

test('several files keep their order and their names', () => {
  const [b, a] = [new File(['x'], 'b.csv'), new File(['y'], 'a.csv')];
  assert.deepEqual(openSource([b, a]).files.map(({ name }) => name), ['b.csv', 'a.csv']);
  const named = openSource([{ name: 'january', source: new Blob(['x']) }, { name: 'february', source: stream(['y']) }]);
  assert.deepEqual(named.files.map(({ name, blob, reader }) => [name, Boolean(blob), Boolean(reader)]), [
    ['january', true, false],
    ['february', false, true],
  ]);
});

test('records may have columns that are called name and source', async () => {
  assert.equal(await textOf([{ name: 'anna', source: 'web' }]), 'name,source\nanna,web\n');
});

test('a list of a chooser is read in order of its paths', () => {
  const list = { 0: withPath('logs/b.csv'), 1: withPath('logs/a.csv'), length: 2, [Symbol.iterator]: Array.prototype[Symbol.iterator], [Symbol.toStringTag]: 'FileList' };
  assert.deepEqual(openSource(list).files.map(({ name }) => name), ['logs/a.csv', 'logs/b.csv']);
});

test('a folder is walked, in order of its paths', async () => {
  const file = (name) => ({ kind: 'file', name, getFile: async () => new File([name], name) });
  const folder = (name, children) => ({ kind: 'directory', name, values: async function* () { yield* children; } });
  const { files } = openSource(folder('logs', [file('b.csv'), folder('2026', [file('z.csv'), file('a.csv')])]));
  assert.deepEqual((await files).map(({ name }) => name), ['logs/2026/a.csv', 'logs/2026/z.csv', 'logs/b.csv']);
  const one = await openSource(file('a.csv')).files;
  assert.deepEqual(one.map(({ name, blob }) => [name, blob.size]), [['a.csv', 5]]);
});

/** A File as a chooser of folders gives it. */
function withPath(path) {
  const file = new File(['x'], path.split('/').at(-1));
  Object.defineProperty(file, 'webkitRelativePath', { value: path });
  return file;
}

test('a locked stream is refused', () => {
  const locked = stream(['a']);
  locked.getReader();
  assert.throws(() => openSource(locked), (error) => error.code === 'source-failed' && /locked/.test(error.message));
});

test('what is no source is refused', () => {
  for (const source of [undefined, null, 42, {}, true]) assert.throws(() => openSource(source), { code: 'options' });
});

test('cancelling a stream ends a read that waits', async () => {
  let cancelled = null;
  const endless = new ReadableStream({ cancel: (reason) => (cancelled = reason) });
  const opened = readerOf(endless);
  const read = opened.read();
  opened.cancel('enough');
  assert.equal(await read, null);
  assert.equal(cancelled, 'enough');
});
