// Logs that others published: heads of three are committed with their origin; whole ones are read where a checkout has
// them beside it, and said to be missing where not.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';

const heads = new URL('../fixtures/ingest/logs/', import.meta.url);
const whole = new URL('../../../shared/data/', import.meta.url);

const log = (name, rows, recipe, roles) => ({ name, rows, recipe, roles });

/** Each with what must come out: rows, the recipe and the roles that are beyond doubt. */
export const HEADS = [
  // One user on two days: nothing to stand out from.
  { ...log('ssh_auth.csv', 40, undefined, { time: 'timestamp', address: 'source_ip' }), isDull: true },
  log('apache_access.csv', 40, undefined, { entity: 'client_ip', time: 'timestamp', browser: 'user_agent' }),
  log('login_attempts_labelled.csv', 40, undefined, { entity: 'username', time: 'datetime', outcome: 'success' }),
].map((each) => ({ ...each, url: new URL(each.name, heads) }));

/** The same of the whole files; `missing` says why there are none. */
export const WHOLE = [
  log('systems/a_user_activity.csv', 30_462, 'activity', { entity: 'user_id', time: 'timestamp', action: 'action' }),
  log('systems/b_user_day_features.csv', 15_000, 'user-day', { entity: 'user_id', time: 'date', label: 'is_anomaly_user' }),
  log('logs/login_attempts_labelled.csv', 12_836, 'activity', { entity: 'username', label: 'in_attack_window' }),
  log('logs/ssh_auth.csv', 7_121, 'activity', { entity: 'user', time: 'timestamp' }),
  log('logs/apache_access.csv', 9_999, 'activity', { entity: 'client_ip', outcome: 'status' }),
  log('logs/file_operations.csv', 39_390, 'activity', { entity: 'case_id', time: 'timestamp', action: 'operation' }),
].map((each) => ({ ...each, url: new URL(each.name, whole) }));

export const missing = WHOLE.every(({ url }) => existsSync(url))
  ? false
  : 'the published logs are not beside this checkout';

export const read = ({ url }) => readFile(url);
