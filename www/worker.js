/**
 * The browser's worker: glue between `postMessage` and the server, nothing else.
 *
 * The package ships it bundled into one classic script (`esbuild --bundle --format=iife`), so that it runs from its own
 * URL and from a blob, and needs no import at run time.
 */
import { loadEngine } from './loader.js';
import { serve } from './server.js';

const scope = /** @type {any} */ (self);
const { receive, receiveUnreadable } = serve((message, transfer) => scope.postMessage(message, transfer), loadEngine);
scope.onmessage = (/** @type {MessageEvent} */ event) => receive(event.data);
// Firefox refuses a compiled module so where the policy forbids WebAssembly.
scope.onmessageerror = receiveUnreadable;
