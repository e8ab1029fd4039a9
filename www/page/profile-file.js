/** An exploration as a file to take away. */

/**
 * @param profile what `Analyzer.profile` gave
 * @param kind 'json'
 * @param name of what was explored
 * @returns `{ name, mime, bytes }`
 */
export function profileFile(profile, kind, name) {
  const stem = `isoscope-profile-${name.replace(/[^\p{L}\p{N}._-]+/gu, '-')}`;
  const text = JSON.stringify({ source: name, ...profile }, null, 2);
  return { name: `${stem}.json`, mime: 'application/json', bytes: new TextEncoder().encode(text) };
}
