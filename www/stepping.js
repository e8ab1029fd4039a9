/**
 * Long work in steps of the engine: so many at a time, then a turn for others, with progress on the way.
 */

/** At most 20 progress events a second. */
export const PROGRESS_MS = 50;
/** How long steps are done before others get a turn. */
export const SLICE_MS = 12;

/**
 * @typedef {object} SteppingHost
 * @property {(message: object) => void} post
 * @property {() => Promise<void>} pause
 * @property {() => number} now milliseconds
 * @property {() => boolean} isUnderWay false when the job was ended
 * @property {import('./sharing.js').RowSharing} [sharing] of rows that steps measure
 */

/**
 * Steps until the engine says that it is done.
 * @param {() => object | undefined} step one of a few milliseconds; gives progress, or nothing when all is done
 * @param {SteppingHost} host
 * @returns {Promise<boolean>} false when the job was ended meanwhile
 */
export async function runSteps(step, { post, pause, now, isUnderWay, sharing }) {
  let reportedMs = -Infinity;
  for (;;) {
    const sliceEndMs = now() + SLICE_MS;
    let progress;
    do progress = step();
    while (progress && now() < sliceEndMs && !sharing?.wantsTurn);
    if (!progress) return true;
    const nowMs = now();
    if (nowMs - reportedMs >= PROGRESS_MS) {
      reportedMs = nowMs;
      post({ event: 'progress', detail: progress });
    }
    await pause();
    if (!isUnderWay()) return false;
    await sharing?.turn();
    if (!isUnderWay()) return false;
  }
}
