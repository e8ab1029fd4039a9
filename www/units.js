/**
 * What matrix rows stand for, and how they were held out, in words.
 */

const ROWS = {
  subject: 'users',
  hour: 'user-hours',
  day: 'user-days',
  week: 'user-weeks',
  session: 'sessions',
  record: 'records',
};

/**
 * The plural of what one matrix row stands for.
 * @param {{ unit: keyof typeof ROWS, plan: { recipe: string } }} analysis
 */
export function rowsInWords({ unit, plan }) {
  return unit === 'record' && plan.recipe === 'login' ? 'logins' : ROWS[unit];
}

/**
 * How rows were held out, in words.
 * @type {Record<string, string>}
 */
export const HELD_OUT = { stratified: 'by chance', user: 'by user', time: 'by time' };
