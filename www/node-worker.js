/**
 * Node's worker: glue between `parentPort` and the server, nothing else.
 */
import { parentPort } from 'node:worker_threads';
import { DiskFile } from './disk-file.js';
import { loadEngine } from './loader.js';
import { serve } from './server.js';

const port = /** @type {import('node:worker_threads').MessagePort} */ (parentPort);
const { receive } = serve((message, transfer) => port.postMessage(message, transfer), loadEngine, DiskFile.received);
port.on('message', receive);
