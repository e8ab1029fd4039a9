// Time zones by name, against moves of clocks that are on record.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ownZoneName, zoneOf } from '../../www/timezone.js';

const at = (text) => Date.parse(text);

/** The offset in seconds that the transitions give. */
const offsetOf = ({ transitions }, ms) => (transitions.findLast(([from]) => from <= ms) ?? transitions[0])[1];

test('clocks are moved at the moments on record', () => {
  for (const [name, moment, offsetSecs] of [
    ['Europe/Berlin', '2024-03-31T01:00:00Z', 7_200],
    ['Europe/Berlin', '2024-10-27T01:00:00Z', 3_600],
    ['America/New_York', '2007-03-11T07:00:00Z', -14_400],
    ['America/New_York', '2007-11-04T06:00:00Z', -18_000],
    ['Australia/Sydney', '2024-04-06T16:00:00Z', 36_000],
    ['Australia/Lord_Howe', '2024-04-06T15:00:00Z', 37_800],
    ['Australia/Lord_Howe', '2024-10-05T15:30:00Z', 39_600],
    ['Pacific/Apia', '2011-12-30T10:00:00Z', 50_400],
    ['America/St_Johns', '2010-03-14T03:31:00Z', -9_000],
    ['Africa/Monrovia', '1972-01-07T00:44:30Z', 0],
  ]) {
    const { transitions } = zoneOf(name);
    assert.deepEqual(
      transitions.find(([from]) => from === at(moment)),
      [at(moment), offsetSecs],
      `${name} ${moment}`,
    );
  }
});

test('zones whose clocks stand still have one offset', () => {
  assert.deepEqual(zoneOf('UTC').transitions, [[0, 0]]);
  assert.deepEqual(zoneOf('Asia/Kolkata').transitions, [[0, 19_800]]);
});

test('transitions ascend, change something, and agree with Intl in between', () => {
  for (const name of ['Africa/Casablanca', 'Africa/Cairo', 'America/Sao_Paulo', 'Asia/Gaza', 'Antarctica/Troll']) {
    const zone = zoneOf(name);
    for (const [i, [from, offset]] of zone.transitions.entries()) {
      if (i === 0) continue;
      assert.ok(from > zone.transitions[i - 1][0] && offset !== zone.transitions[i - 1][1], `${name} ${from}`);
    }
    const format = new Intl.DateTimeFormat('en-GB', { timeZone: name, timeZoneName: 'longOffset' });
    for (let ms = 0; ms < Date.UTC(2100, 0, 1); ms += 86_400_000 * 1.37) {
      const said = format.formatToParts(ms).find((part) => part.type === 'timeZoneName').value;
      const [, sign, hours, minutes] = /GMT(?:([+-])(\d\d):(\d\d))?/.exec(said);
      const expected = hours ? (sign === '-' ? -1 : 1) * (hours * 3_600 + minutes * 60) : 0;
      assert.equal(offsetOf(zone, ms), expected, `${name} ${new Date(ms).toISOString()}`);
    }
  }
});

test('names that are no zones are refused by name', () => {
  for (const [name, found] of [['Europe/Atlantis', '"Europe/Atlantis"'], ['', '""'], [3, 'number'], [null, 'null']]) {
    assert.throws(() => zoneOf(name), (error) => error.code === 'options' && error.message.endsWith(`found ${found}`));
  }
});

test("the machine's own zone is a zone", () => {
  assert.ok(zoneOf(ownZoneName()).transitions.length > 0);
});
