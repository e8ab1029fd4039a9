// The built package, as an embedder gets it.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';

export const packageUrl = new URL('../../pkg/', import.meta.url);
if (!existsSync(new URL('engine_bg.wasm', packageUrl))) throw new Error('pkg/ is not built; run `cargo xtask build` first');

export const { open, analyze, AnalyzerError, ERROR_CODES } = await import(new URL('node.js', packageUrl));

/** Which fields an interface of the reference has, and which of them may not be absent. */
async function declaredFields(name) {
  const read = (file) => readFile(new URL(file, packageUrl), 'utf8');
  const types = (await Promise.all(['index.d.ts', 'charts.d.ts', 'explanation.d.ts', 'ingest.d.ts', 'learning.d.ts', 'model.d.ts', 'plan.d.ts', 'profile.d.ts', 'tuning.d.ts'].map(read))).join('\n');
  const body = types.match(new RegExp(`export interface ${name}(?: extends \\w+)? \\{([\\s\\S]*?)\\n\\}`))[1];
  const fields = [...body.matchAll(/^ {2}(?:readonly )?(\w+)(\??):/gm)];
  return {
    all: fields.map(([, field]) => field),
    required: fields.filter(([, , optional]) => !optional).map(([, field]) => field),
  };
}

/** The value has the fields that an interface of the reference declares, no other ones, and none of them is null. */
export async function holdsTo(name, value) {
  const { all, required } = await declaredFields(name);
  const keys = Object.keys(value);
  assert.deepEqual(keys.filter((key) => !all.includes(key)), [], `${name} has fields that the types do not name`);
  assert.deepEqual(required.filter((key) => !keys.includes(key)), [], `${name} lacks fields`);
  for (const key of keys) assert.ok(value[key] !== null && value[key] !== undefined, `${name}.${key} is ${value[key]}`);
}
