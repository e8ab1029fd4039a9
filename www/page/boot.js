/**
 * The page's only script: loads everything, seals the page, then starts the app.
 *
 * The order is the point. Nothing is fetched after `seal()`, and the drop zone appears only after it: workers are
 * started from a blob under the sealed policy, and the engine's wasm is compiled before and posted to them.
 */
import { open } from '../client.js';
import { filesOf } from '../reading/folder.js';
import { clockOf } from '../clock.js';
import { mount, warmUp, whenNear } from './charts/index.js';
import { profileFile } from './profile-file.js';
import { seal } from './seal.js';
import { inTurn, soon } from './turns.js';

const near = (name) => new URL(name, document.baseURI);

async function load(name) {
  const response = await fetch(near(name));
  if (!response.ok) throw new Error(`${name} could not be loaded (status ${response.status})`);
  return response;
}

/** Hosts that serve wasm with another media type make `compileStreaming` refuse it; the bytes are as good. */
async function compile(name) {
  const response = await load(name);
  return response.headers.get('content-type')?.startsWith('application/wasm')
    ? WebAssembly.compileStreaming(response)
    : WebAssembly.compile(await response.arrayBuffer());
}

function download(name, mime, bytes) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([bytes], { type: mime }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** The page's answer when it cannot start at all: the app is not there yet to say it. */
function reportFailure(error) {
  const notice = document.getElementById('boot');
  notice.setAttribute('role', 'alert');
  notice.textContent =
    `Isoscope could not start: ${error.message}. ` +
    'Reload the page; if that does not help, use a current Chrome, Edge, Firefox or Safari.';
}

async function boot() {
  const [appModule, engine, workerScript, app] = await Promise.all([
    compile('app_bg.wasm'),
    compile('engine_bg.wasm'),
    load('worker.js').then((response) => response.text()),
    import(near('app.js').href),
    document.readyState === 'complete' || new Promise((resolve) => addEventListener('load', resolve)),
  ]);
  const sealed = seal();
  const workerUrl = sealed.workerUrl(workerScript);
  globalThis.isoscopeHost = {
    openAnalyzer: () => open({ workerUrl, wasm: engine }),
    mountChart: mount,
    whenNear,
    inTurn,
    soon,
    filesOf,
    localMs: (ms, timeZone) => clockOf(timeZone).local(ms),
    timeZones: () => Intl.supportedValuesOf('timeZone'),
    profileFile,
    download,
    // Async: where a page may not write there at all, the object is missing.
    copyText: async (text) => navigator.clipboard.writeText(text),
    seal: sealed,
  };
  await app.default({ module_or_path: appModule });
  document.getElementById('boot').remove();
  warmUp();
}

boot().catch(reportFailure);
