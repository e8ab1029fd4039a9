// Bytes of a Blob that are read as they lie: in memory that goes round, whatever the browser can do.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lentChunks, readParts } from '../../www/reading/blob.js';

const bytes = Uint8Array.from({ length: 3_000_001 }, (_, i) => (i * 7919) >> 3);
const blob = new Blob([bytes]);

/** A Blob as a browser has it whose streams fill no memory that they are given, and as Node has a file on disk. */
const plain = (/** @type {Blob} */ whole) => ({
  size: whole.size,
  slice: (from, to) => ({ arrayBuffer: () => whole.slice(from, to).arrayBuffer() }),
});
/** A Blob whose stream gives so many bytes of zeros, then ends or fails. */
function broken(size, nBytes, error) {
  const pull = (controller) => {
    const { view } = controller.byobRequest;
    const n = Math.min(view.byteLength, nBytes);
    nBytes -= n;
    if (n > 0) return controller.byobRequest.respond(n);
    if (error) return controller.error(error);
    controller.close();
    return controller.byobRequest.respond(0);
  };
  return { size, slice: () => ({ stream: () => new ReadableStream({ type: 'bytes', pull }) }) };
}

async function all(chunks) {
  const parts = [];
  for (let chunk = await chunks.read(); chunk; chunk = await chunks.read()) parts.push(Buffer.from(chunk));
  return Buffer.concat(parts);
}

for (const [what, whole] of [['a stream', blob], ['slices', plain(blob)]]) {
  test(`chunks by ${what} are the bytes, and are counted`, async () => {
    let nRead = 0;
    const onRead = (n) => (nRead += n);
    assert.ok((await all(lentChunks(whole, 'a', { onRead }))).equals(bytes));
    assert.equal(nRead, bytes.length);
    const [from, to] = [1_000_000, 2_500_000];
    assert.ok((await all(lentChunks(whole, 'a', { from, to }))).equals(bytes.subarray(from, to)));
    assert.equal((await all(lentChunks(whole, 'a', { from, to: from }))).length, 0);
  });

  test(`a slice by ${what} comes in parts, and whole`, async () => {
    const [from, to] = [10, 2_000_010];
    const parts = [];
    const slice = await readParts(whole, 'a', from, to, new ArrayBuffer(to - from), (part) => parts.push(Buffer.from(part)));
    assert.ok(Buffer.concat(parts).equals(bytes.subarray(from, to)));
    assert.ok(Buffer.from(slice).equals(bytes.subarray(from, to)));
  });
}

test('a stream fills the same memory again', async () => {
  const chunks = lentChunks(blob, 'a');
  const first = await chunks.read();
  const nBytes = first.buffer.byteLength;
  const second = await chunks.read();
  assert.deepEqual([first.length, second.buffer.byteLength], [0, nBytes]);
  chunks.cancel();
  assert.equal(await chunks.read(), null);
  const memory = new ArrayBuffer(1000);
  const slice = await readParts(blob, 'a', 5, 905, memory, () => {});
  assert.deepEqual([memory.byteLength, slice.length, slice.buffer.byteLength], [0, 900, 1000]);
});

test('a file that shrank or cannot be read any more says where', async () => {
  const gone = Object.assign(new Error('it was moved'), { name: 'NotReadableError' });
  const words = { ended: /^a\.csv could not be read past byte 40 \(it ended there; it had 100 bytes when it was chosen\)/, gone: /past byte 40 \(NotReadableError: it was moved\)/ };
  for (const [error, message] of [[undefined, words.ended], [gone, words.gone]]) {
    await assert.rejects(all(lentChunks(broken(100, 40, error), 'a.csv')), { code: 'source-failed', message });
    const parts = readParts(broken(100, 40, error), 'a.csv', 0, 100, new ArrayBuffer(100), () => {});
    await assert.rejects(parts, { code: 'source-failed', message });
  }
});
