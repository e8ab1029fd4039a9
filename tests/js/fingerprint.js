// The fingerprint of `tests/golden/analysis.json`, computed through the public module; natively it is made by
// `tests/golden/analysis.rs`. Also loaded by a page, so it imports nothing.

/** FNV-1a, 64 bits. */
function fnv(...arrays) {
  let hash = 0xcbf29ce484222325n;
  for (const bytes of arrays) {
    for (const byte of bytes) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  }
  return hash.toString(16).padStart(16, '0');
}

/** The bytes of an array of 64-bit floats; little-endian on every machine a browser or Node runs on. */
const bytesOf = (floats) => new Uint8Array(Float64Array.from(floats).buffer);

/**
 * @param {(options: object) => Promise<any>} open of the module under test
 * @param {{ sample: object, plan: object }} golden what to do; the rest of it is what should come out
 * @param {object} [options] of `open`
 */
export async function fingerprint(open, { sample, plan }, options = {}) {
  const analyzer = await open(options);
  try {
    const { bytes } = await analyzer.sample(sample);
    await analyzer.ingest(bytes);
    const { entities, features, scores, top, ranking } = await analyzer.analyze(plan);
    const contributions = top.flatMap((explanation) => explanation.contributions.map((part) => part.contribution));
    return {
      sample,
      plan,
      log: fnv(bytes),
      rows: entities.length,
      features,
      scores: fnv(bytesOf(scores)),
      contributions: fnv(bytesOf(contributions)),
      first: ranking.slice(0, 5).map(({ name }) => name),
      sentences: fnv(...top.map(({ sentence }) => new TextEncoder().encode(sentence))),
    };
  } finally {
    analyzer.dispose();
  }
}
