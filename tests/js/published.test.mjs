// Published logs through the module, with nothing set up: read whole, understood, scored, explained.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { open } from './package.mjs';
import { HEADS, WHOLE, missing, read } from './published_logs.mjs';

let analyzer;
before(async () => {
  analyzer = await open();
});
after(() => analyzer?.dispose());

async function analyse(log) {
  const table = await analyzer.ingest(await read(log));
  assert.equal(table.rows, log.rows);
  assert.equal(table.records, log.rows, 'every record of the file is a row');
  const { recipe, roles } = await analyzer.suggest();
  for (const [role, column] of Object.entries(log.roles)) assert.equal(roles[role], column, `role ${role}`);
  if (log.recipe) assert.equal(recipe, log.recipe);

  const analysis = await analyzer.analyze();
  assert.ok(analysis.scores.length > 1 && analysis.scores.every(Number.isFinite));
  assert.equal(analysis.scores.length, analysis.entities.length);
  for (const { base, score, contributions, sentence } of analysis.top) {
    const sum = contributions.reduce((total, { contribution }) => total + contribution, base);
    assert.ok(Math.abs(sum - score) < 1e-9, `${sum} is not ${score}`);
    assert.match(sentence, /^[A-Z].*\.$/s);
  }
  return analysis;
}

for (const log of HEADS) {
  test(`the head of ${log.name}`, () => analyse(log));
}
for (const log of WHOLE) {
  test(`the whole of ${log.name}`, { skip: missing }, async () => {
    const { flags, ranking, metrics } = await analyse(log);
    const flagged = flags.reduce((sum, flag) => sum + flag, 0);
    assert.ok(flagged > 0 && flagged <= Math.ceil(flags.length * 0.06), `${flagged} of ${flags.length}`);
    assert.ok(ranking.length > 0);
    assert.equal(metrics !== undefined, 'label' in log.roles, 'metrics where, and only where, there is a label');
  });
}
