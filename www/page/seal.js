/**
 * The seal: a second content security policy, added by script once everything is loaded and before the page can be
 * handed data. Policies only add up, so nothing can take it back, and it needs no response header, so it holds on
 * any static host.
 *
 * Why these few words are enough: everything that still has to start is a blob worker and a wasm module that was
 * compiled earlier and is posted to it. `script-src` names no source, so no script can be loaded any more, and
 * `import("./x.js?stolen")` cannot carry data to the page's own host in an address; `'wasm-unsafe-eval'` is there for
 * Firefox, which lets no worker receive a module without it (Chromium does not ask). `default-src 'none'` stands for
 * whatever is not named: prefetches, and kinds of request to come.
 */
export const SEALED_POLICY =
  "default-src 'none'; script-src 'wasm-unsafe-eval'; connect-src 'none'; img-src 'none'; style-src 'none'; " +
  "font-src 'none'; media-src 'none'; object-src 'none'; frame-src 'none'; manifest-src 'none'; worker-src blob:; " +
  "base-uri 'none'; form-action 'none'";

/** What a policy cannot cover, and what the page does about it. Shown to whoever opens the privacy panel. */
const LIMITS = [
  'Navigation: a policy in the page cannot forbid leaving it with data in the address. The page cancels every ' +
    'navigation that a script starts, has no links to other sites, and opens no windows but the licences, whose address is fixed.',
  'WebRTC: browsers let it pass content policies. The page removes it from itself and makes no frames, where a fresh ' +
    'one could be had; workers, where the rows live, never had it.',
  'Hints: dns-prefetch and preconnect look up or greet a host past any policy. The page has none, and what stands in ' +
    'a file never becomes markup that could hold one.',
  'Browser extensions act above any page. One that may read this page can read what it shows.',
];

const isLocal = (url) => url.startsWith('blob:') || url.startsWith('data:');

/**
 * Runs inside each worker before its own code: reports what the worker's browser records say of its requests.
 * Sent as text, so it must not use anything from outside.
 */
function witness(channelName) {
  const channel = new BroadcastChannel(channelName);
  addEventListener('securitypolicyviolation', (event) => channel.postMessage({ refused: event.blockedURI }));
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) channel.postMessage({ requested: entry.name });
  }).observe({ type: 'resource', buffered: true });
}

/** Removes the ways out that a policy cannot close. */
function closeOtherWaysOut() {
  delete globalThis.RTCPeerConnection;
  delete globalThis.webkitRTCPeerConnection;
  globalThis.open = () => null;
  globalThis.navigation?.addEventListener('navigate', (event) => {
    const stays = event.hashChange || event.downloadRequest !== null;
    const isReload = event.navigationType === 'reload' || event.navigationType === 'traverse';
    if (!stays && !isReload && event.cancelable) event.preventDefault();
  });
}

/**
 * Seals the page. Call it once, after the last load.
 *
 * @returns the state of the seal; `on(listener)` calls back whenever a count changes.
 */
export function seal() {
  const requested = [];
  const refused = new Set();
  const listeners = new Set();
  const channelName = `isoscope-witness-${crypto.randomUUID()}`;
  const changed = () => listeners.forEach((listener) => listener());

  /** A blob URL of a worker script that starts with the witness. */
  const workerUrl = (script) =>
    URL.createObjectURL(
      new Blob([`(${witness})(${JSON.stringify(channelName)});\n`, script], { type: 'text/javascript' }),
    );

  const noteRequest = (url) => {
    if (isLocal(url)) return;
    requested.push(url);
    changed();
  };
  const noteRefusal = (url) => {
    refused.add(url);
    changed();
  };

  document.addEventListener('securitypolicyviolation', (event) => noteRefusal(event.blockedURI));
  new BroadcastChannel(channelName).addEventListener('message', ({ data }) => {
    if (data.requested) noteRequest(data.requested);
    if (data.refused) noteRefusal(data.refused);
  });

  const meta = document.createElement('meta');
  meta.httpEquiv = 'Content-Security-Policy';
  meta.content = SEALED_POLICY;
  document.head.append(meta);
  closeOtherWaysOut();

  const sealedAt = performance.now();
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (entry.startTime >= sealedAt) noteRequest(entry.name);
  }).observe({ type: 'resource' });

  return {
    policy: SEALED_POLICY,
    limits: LIMITS,
    /** Requests since the seal that no policy refused. Browsers list refused ones too, with an empty answer. */
    requests: () => requested.filter((url) => !refused.has(url)).length,
    refusals: () => refused.size,
    on(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    workerUrl,
    tryToLeak: () => tryToLeak(workerUrl),
  };
}

/** Milliseconds to wait for the browser's word on an attempt. */
const VERDICT_MS = 2_000;

/** Resolves to the directive that refused an address containing `token`, or to undefined when none did in time. */
function refusalOf(token) {
  return new Promise((resolve) => {
    const listener = (event) => {
      if (!event.blockedURI.includes(token)) return;
      document.removeEventListener('securitypolicyviolation', listener);
      resolve(event.effectiveDirective);
    };
    document.addEventListener('securitypolicyviolation', listener);
    setTimeout(() => resolve(undefined), VERDICT_MS);
  });
}

/** Each with the page's own means; the worker's attempt is apart, because its verdict comes from the worker. */
const ATTEMPTS = [
  ["Fetch from this page's own host", (url) => fetch(url)],
  ['Load a picture', (url) => void (new Image().src = url)],
  ['Send a beacon', (url) => navigator.sendBeacon(url, 'secret')],
  ['Open a WebSocket', (url) => new WebSocket(url.replace(/^http/, 'ws'))],
  ['Import a script', (url) => import(/* the address is the point */ url)],
];

/** Starts a worker as the analysis does, lets it fetch, and repeats the browser's verdict on this page. */
function fetchFromWorker(workerUrl, url, token) {
  const script = `
    addEventListener("securitypolicyviolation", (event) => {
      if (event.blockedURI.includes(${JSON.stringify(token)})) postMessage(event.effectiveDirective);
    });
    fetch(${JSON.stringify(url)}).catch(() => {});
    setTimeout(() => postMessage(undefined), ${VERDICT_MS});`;
  const worker = new Worker(workerUrl(script));
  return new Promise((resolve) => {
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = () => resolve(undefined);
  }).finally(() => worker.terminate());
}

/**
 * Tries to get a made-up word out of the page in each of the usual ways, one after the other.
 *
 * @returns per attempt its name and the directive by which the browser refused it; without one it was not refused.
 */
async function tryToLeak(workerUrl) {
  const verdicts = [];
  for (const [name, attempt] of ATTEMPTS) {
    const { token, url } = newSecret();
    const refusal = refusalOf(token);
    try {
      Promise.resolve(attempt(url)).catch(() => {});
    } catch {
      // A refusal may also be thrown; the event is the evidence either way.
    }
    verdicts.push({ name, directive: await refusal });
  }
  const { token, url } = newSecret();
  verdicts.push({ name: 'Fetch from a worker', directive: await fetchFromWorker(workerUrl, url, token) });
  return verdicts;
}

/** A made-up word, and the address on the page's own host that would carry it away. */
function newSecret() {
  const token = `leak-${crypto.randomUUID()}`;
  return { token, url: new URL(`./${token}`, document.baseURI).href };
}
