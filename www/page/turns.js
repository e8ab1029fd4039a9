/**
 * Work on the page in turns: one job each time the browser has drawn what the one before made. Sections and charts are
 * many, and each is short; but laid out and painted together they are one long task in which nobody is heard. What is
 * near the screen comes before what is not.
 */

const near = [];
const later = [];
let isWaiting = false;

/** @param {() => void} job a part of what is seen, or soon will be */
export function soon(job) {
  near.push(job);
  wait();
}

/** @param {() => void} job a part further down the page */
export function inTurn(job) {
  later.push(job);
  wait();
}

function wait() {
  if (isWaiting) return;
  isWaiting = true;
  // A page that is hidden is not drawn. Else the job has a task of its own, after the frame.
  if (document.hidden) setTimeout(next);
  else requestAnimationFrame(() => setTimeout(next));
}

function next() {
  isWaiting = false;
  const job = near.shift() ?? later.shift();
  // Before the job: one that throws must not keep the others from their turn.
  if (near.length + later.length > 0) wait();
  job?.();
}
