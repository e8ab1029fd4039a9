/** An exploration as a file to take away. */
import { profileReport } from '../profile-report.js';

/**
 * @param profile what `Analyzer.profile` gave
 * @param summary what `Analyzer.summary` gave
 * @param kind 'json' for programs, 'html' for people
 * @param name of what was explored
 * @returns `{ name, mime, bytes }`
 */
export function profileFile(profile, summary, kind, name) {
  const stem = `isoscope-profile-${name.replace(/[^\p{L}\p{N}._-]+/gu, '-')}`;
  const [text, mime] =
    kind === 'html'
      ? [profileReport(profile, summary, { title: name }), 'text/html']
      : [JSON.stringify({ source: name, ...profile, table: summary }, null, 2), 'application/json'];
  return { name: `${stem}.${kind}`, mime, bytes: new TextEncoder().encode(text) };
}
