// Archives, folders and several files: what comes out of them, and what is said of those that are broken.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { SourceReader } from '../../www/reading/reader.js';
import { sampleOf } from '../../www/reading/sample.js';
import { openSource } from '../../www/source.js';
import { zipOf } from './archives.mjs';

/** Reads a source to its end: its files with their text, and its reader. */
async function readAll(source, options) {
  const reader = new SourceReader(await openSource(source).files, options);
  const files = [];
  for (let file = await reader.next(); file; file = await reader.next()) {
    const chunks = [];
    for (let chunk = await file.read(); chunk; chunk = await file.read()) chunks.push(Buffer.from(chunk));
    files.push([file.name, Buffer.concat(chunks).toString('latin1')]);
  }
  return { files, reader };
}

const refused = (source, code, words, options) =>
  assert.rejects(readAll(source, options), (error) => {
    assert.equal(error.code, code, error.message);
    assert.match(error.message, words);
    return true;
  });

/** Lines of which gzip cannot guess the next one. */
const lines = (n, from = 0) => Array.from({ length: n }, (_, i) => `user${((i + from) * 7919) % 1009},${(i * i) % 99991}\n`).join('');
const text = lines(200_000);
const gz = gzipSync(text);
const small = gzipSync('a,b\n1,2\n');
const stream = (bytes, cut = 1000) =>
  new ReadableStream({
    start(controller) {
      for (let at = 0; at < bytes.length; at += cut) controller.enqueue(new Uint8Array(bytes.subarray(at, at + cut)));
      controller.close();
    },
  });

for (const [kind, of] of [
  ['a Blob', (bytes) => new Blob([bytes])],
  ['bytes', (bytes) => bytes],
  ['a stream of small chunks', (bytes) => stream(bytes)],
  ['a stream of single bytes', (bytes) => stream(bytes.length > 100_000 ? bytes.subarray(0) : bytes, bytes.length > 100_000 ? 4099 : 1)],
]) {
  test(`gzip from ${kind}: one member, several, one in another`, async () => {
    const one = await readAll(of(gz));
    assert.equal(one.files[0][1], text);
    assert.equal(one.reader.readBytes, gz.length);
    assert.equal(one.reader.isVerbatim, false);
    const several = await readAll(of(Buffer.concat([small, gz, small, gzipSync(''), gzipSync('x\n')])));
    assert.equal(several.files[0][1], `a,b\n1,2\n${text}a,b\n1,2\nx\n`);
    assert.deepEqual((await readAll(of(gzipSync(small)))).files, [['', 'a,b\n1,2\n']]);
  });
}

test('many small members, as bgzip writes them', async () => {
  const parts = Array.from({ length: 300 }, (_, i) => lines(50, i));
  const { files } = await readAll(new Blob(parts.map((part) => gzipSync(part))));
  assert.equal(files[0][1], parts.join(''));
});

test('bytes that look like a member and are none', async () => {
  // Stored as they are, so that the members inside are met by whoever looks for the next one.
  const decoys = Buffer.concat([Buffer.from('a,b\n'), small, small, Buffer.from('1,2\n')]);
  const { files } = await readAll(new Blob([gzipSync(decoys, { level: 0 }), small]));
  assert.equal(files[0][1], `${decoys.toString('latin1')}a,b\n1,2\n`);
});

test('the kind is told by content, not by name', async () => {
  assert.deepEqual((await readAll(new File(['a,b\n1,2\n'], 'log.csv.gz'))).files, [['log.csv.gz', 'a,b\n1,2\n']]);
  assert.deepEqual((await readAll(new File([small], 'log.csv'))).files, [['log.csv', 'a,b\n1,2\n']]);
  assert.deepEqual((await readAll(new File([small], 'log.csv.gz'))).files, [['log.csv', 'a,b\n1,2\n']]);
});

test('gzips that are broken say how', async () => {
  for (const of of [(bytes) => new Blob([bytes]), (bytes) => stream(bytes, 4099)]) {
    for (const cut of [11, 30, gz.length - 9, gz.length - 1]) {
      await refused(of(gz.subarray(0, cut)), 'archive-damaged', new RegExp(`ends at byte ${cut}, .*cut off`));
    }
    const badCrc = Buffer.from(gz);
    badCrc[gz.length - 8] ^= 1;
    await refused(of(badCrc), 'archive-damaged', /checksum/);
    const badBlock = Buffer.from(gz);
    badBlock.fill(255, 40, 60);
    await refused(of(badBlock), 'archive-damaged', /damaged at or shortly before byte \d+|checksum/);
    await refused(of(Buffer.concat([gz, Buffer.from('and more')])), 'archive-damaged', /bytes behind the end/);
    await refused(of(Buffer.concat([gz, Buffer.alloc(512)])), 'archive-damaged', /bytes behind the end/);
    await refused(of(Buffer.concat([gz, gz.subarray(0, 500)])), 'archive-damaged', /cut off/);
    await refused(of(Buffer.from([0x1f, 0x8b, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])), 'archive-damaged', /is none: its compression method is 7/);
    await refused(of(gz.subarray(0, 2)), 'archive-damaged', /ends at byte 2/);
  }
});

test('a bomb is refused, until it is allowed', async () => {
  const bomb = gzipSync(Buffer.alloc(300 << 20, 'x,1\n'));
  await refused(new Blob([bomb]), 'archive-expands', /more than 250 times.*maxExpansion/);
  // Packed twice it is smaller still; the inner one is met first.
  await refused(gzipSync(bomb), 'archive-expands', /more than 250 times/);
  await refused(zipOf([{ name: 'a.csv.gz', content: bomb }]), 'archive-expands', /more than 250 times/);
  const reader = new SourceReader(openSource(new Blob([bomb])).files, { maxExpansion: 1100 });
  const file = await reader.next();
  let nBytes = 0;
  for (let chunk = await file.read(); chunk; chunk = await file.read()) nBytes += chunk.length;
  assert.equal(nBytes, 300 << 20);
  for (const maxExpansion of [0, 'much', NaN]) await refused(small, 'options', /maxExpansion/, { maxExpansion });
});

test('a zip: files in order of their paths, packed or stored or gzips, others named', async () => {
  const zip = zipOf([
    { name: 'logs/', content: '', stored: true },
    { name: 'logs/b.csv', content: 'a,b\n3,4\n', stored: true },
    { name: 'logs/a.csv', content: text },
    { name: '__MACOSX/logs/._a.csv', content: 'x' },
    { name: 'logs/.DS_Store', content: 'x' },
    { name: 'logs/picture.png', content: 'x' },
    { name: 'README.md', content: 'x' },
    { name: 'logs/c.csv.gz', content: small },
    { name: 'logs/empty.csv', content: '' },
    { name: 'logs/odd.log', content: Buffer.from([1, 0, 0, 3, 0, 9, 0, 0, 0, 4]) },
    { name: 'older.zip', content: zipOf([{ name: 'x.csv', content: 'x' }]) },
  ]);
  for (const source of [new Blob([zip]), zip, new Uint8Array(zip).buffer]) {
    const { files, reader } = await readAll(source);
    assert.deepEqual(files, [['logs/a.csv', text], ['logs/b.csv', 'a,b\n3,4\n'], ['logs/c.csv', 'a,b\n1,2\n']]);
    assert.deepEqual(reader.skipped.map(({ name }) => name).sort(), [
      'README.md', '__MACOSX/logs/._a.csv', 'logs/.DS_Store', 'logs/empty.csv', 'logs/odd.log', 'logs/picture.png', 'older.zip',
    ]);
  }
});

test('zips that cannot be read say why', async () => {
  const zip = zipOf([{ name: 'a.csv', content: text }]);
  await refused(new File([zip.subarray(0, zip.length - 30)], 'logs.zip'), 'archive-damaged', /logs\.zip is a zip without a directory.*cut off/);
  await refused(stream(zip), 'archive-unsupported', /File, a Blob or bytes/);
  const bent = (bend) => zipOf([{ name: 'a.csv', content: text, bend }]);
  await refused(bent({ flags: 0x801 }), 'archive-encrypted', /a\.csv in the zip is encrypted.*password/);
  await refused(bent({ method: 12 }), 'archive-unsupported', /bzip2 \(method 12\)/);
  await refused(bent({ method: 9 }), 'archive-unsupported', /Deflate64/);
  await refused(bent({ crc: 1 }), 'archive-damaged', /a\.csv .*checksum/);
  const torn = Buffer.from(zip);
  torn.fill(255, 60, 90);
  await refused(torn, 'archive-damaged', /a\.csv in the zip/);
  await refused(zipOf([]), 'no-files', /no file in it/);
  await refused(zipOf([{ name: 'a.png', content: 'x' }, { name: 'b.md', content: 'x' }]), 'no-files', /among its 2 files \(a\.png: .*; b\.md: /);
});

test('an Office document goes to the engine as it is, which names it', async () => {
  const book = zipOf([{ name: '[Content_Types].xml', content: '<x/>' }, { name: 'xl/workbook.xml', content: '<x/>' }]);
  const { files } = await readAll(new File([book], 'book.xlsx'));
  assert.equal(files[0][1], book.toString('latin1'));
});

test('several files: what is no log is left out with a note, a single file never', async () => {
  const { files, reader } = await readAll([
    new File(['a,b\n1,2\n'], 'a.csv'),
    new File(['x'], '.DS_Store'),
    new File([Buffer.from('89504e470d0a1a0a0000000d', 'hex')], 'shot'),
    new File([small], 'b.csv.gz'),
    new File([], 'empty.csv'),
    new File([Buffer.from('a,b\n5,6\n', 'utf16le')], 'utf16.csv'),
  ]);
  assert.deepEqual(files.map(([name]) => name), ['a.csv', 'b.csv', 'utf16.csv']);
  assert.deepEqual(reader.skipped.map(({ name, reason }) => [name, reason]), [
    ['.DS_Store', 'left by a system or an archiver, no log'],
    ['shot', 'no text'],
    ['empty.csv', 'empty'],
  ]);
  assert.equal((await readAll(new File(['x'], 'README.md'))).files.length, 1);
  await refused([new File([], 'a.csv'), new File([], 'b.csv')], 'no-files', /among its 2 files/);
  await refused({ kind: 'directory', name: 'logs', values: async function* () {} }, 'no-files', /no file in it/);
});

test('a file that vanishes, shrinks or is refused while it is read', async () => {
  const vanished = (from) => ({
    size: 40 << 20,
    [Symbol.toStringTag]: 'File',
    name: 'gone.csv',
    slice: (at, to) => ({
      arrayBuffer: async () => {
        if (at >= from) throw new DOMException('the file could not be read', 'NotReadableError');
        return new Uint8Array(to - at).fill(97).buffer;
      },
    }),
  });
  await refused(vanished(0), 'source-failed', /^gone\.csv could not be read past byte 0 \(NotReadableError.*choose it again/);
  await refused(vanished(16 << 20), 'source-failed', /past byte 16777216/);
  const shrunk = { ...vanished(0), slice: () => ({ arrayBuffer: async () => new ArrayBuffer(10) }) };
  await refused(shrunk, 'source-failed', /past byte 10 .*it had 41943040 bytes when it was chosen/);
});

test('encodings that the platform knows come out as UTF-8', async () => {
  const latin = async (bytes, encoding) => Buffer.from((await readAll(Buffer.from(bytes), { encoding })).files[0][1], 'latin1').toString();
  assert.equal(await latin([0x82, 0xa0, 0x2c, 0x82, 0xa2, 0x0a], 'shift_jis'), 'あ,い\n');
  assert.equal(await latin([0xd0, 0xd2, 0x2c, 0x31], 'koi8-r'), 'пр,1');
  // Decoded by the engine: handed on as they are.
  assert.equal(await latin(Buffer.from('é,1'), 'utf8'), 'é,1');
  await refused(Buffer.from('a'), 'options', /encoding: .*found "klingon"/, { encoding: 'klingon' });
  const packed = gzipSync(Buffer.from([0x82, 0xa0]));
  assert.equal(await latin(packed, 'sjis'), 'あ');
});

test('cancelling lets go of a stream, of one inside of a gzip too', async () => {
  for (const bytes of [Buffer.from('a,b\n'), gz.subarray(0, 3000)]) {
    let cancelled = null;
    const endless = new ReadableStream({
      start: (controller) => controller.enqueue(new Uint8Array(bytes)),
      cancel: (reason) => (cancelled = reason ?? true),
    });
    const reader = new SourceReader(openSource(endless).files);
    const reading = reader.next().then((file) => file?.read()).catch(() => null);
    await new Promise((go) => setTimeout(go, 20));
    reader.cancel('enough');
    await reading;
    assert.equal(cancelled, 'enough');
  }
});

test('how much text an archive holds is told from its beginning', async () => {
  // As logs are: some of a line is new, most was there before.
  let state = 1;
  const random = (n) => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return (state >> 8) % n;
  };
  const agent = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/120.0.0.0';
  const rows = Array.from({ length: 160_000 }, (_, i) => `2026-01-05 10:${i % 60},user${random(400)},/some/long/path/${random(400)}.html,${agent}`);
  const text = `time,user,path,agent\n${rows.join('\n')}`;
  const packed = gzipSync(text);
  assert.ok(text.length > 12 * packed.length && packed.length > 900_000, `${text.length} of ${packed.length}`);
  const judged = async (content) => {
    const blob = new Blob([content]);
    const { textBytes, compressed, isWhole, bytes } = await sampleOf([{ name: '', blob }], {});
    assert.deepEqual([compressed, isWhole, bytes.length], [true, false, 1 << 20]);
    return textBytes / text.length;
  };
  const ofGzip = await judged(packed);
  assert.ok(Math.abs(ofGzip - 1) < 0.15, `${ofGzip} of a gzip`);
  // A zip says so itself, where what is in it is not packed again.
  assert.equal(await judged(zipOf([{ name: 'a.csv', content: text }])), 1);
  const twice = await judged(zipOf([{ name: 'a.csv.gz', content: packed, stored: true }]));
  assert.ok(Math.abs(twice - 1) < 0.15, `${twice} of a gzip in a zip`);
});
