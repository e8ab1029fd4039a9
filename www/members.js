/**
 * The workers that join the pool of the first one: started when they are needed, each joined to it by a channel of its
 * own, so that rows never pass the thread that starts them. Without them the first worker does all by itself.
 */

/** More than this many gain little: one worker adds what the others have read. */
const MOST_WORKERS = 8;

/**
 * Workers in all, the first one among them. Of more than two cores one is left to the browser.
 * @param {number | undefined} asked
 * @param {number} nCores
 */
export function workerCount(asked, nCores) {
  const most = nCores > 2 ? nCores - 1 : nCores;
  return Math.max(1, Math.floor(asked ?? Math.min(most, MOST_WORKERS)) || 1);
}

/**
 * Whether workers are started to read a large file. The browser reads it for all of them: on two cores a second worker has
 * not been measured to be faster at a first file, as it is at scoring.
 * @param {number | undefined} asked
 * @param {number} nCores
 */
export function areStartedToRead(asked, nCores) {
  return asked !== undefined || nCores > 2;
}

/**
 * @typedef {object} StartedWorker
 * @property {(message: object, transfer: MessagePort[]) => void} post
 * @property {() => void} close
 */

/**
 * @typedef {(message: object, transfer?: MessagePort[]) => void} Post to the first worker
 */

/**
 * @param {object} given
 * @param {number} given.nMembers
 * @param {unknown} given.wasm
 * @param {(onLost: () => void) => Promise<StartedWorker>} given.start starts a worker; `onLost` when it fails later
 */
export function members({ nMembers, wasm, start }) {
  /** Those that were started since the last end. @type {{ isClosed: boolean, workers: StartedWorker[] } | null} */
  let now = null;

  /**
   * @param {number} member
   * @param {Post} post
   * @param {{ isClosed: boolean, workers: StartedWorker[] }} group
   */
  async function join(member, post, group) {
    const { port1, port2 } = new MessageChannel();
    post({ member, port: port1 }, [port1]);
    const onLost = () => {
      if (!group.isClosed) post({ member });
    };
    try {
      const worker = await start(onLost);
      group.workers.push(worker);
      if (group.isClosed) worker.close();
      else worker.post({ join: port2, wasm }, [port2]);
    } catch {
      // Nobody waits for it: work goes on with those that are there.
      onLost();
    }
  }

  return {
    /**
     * Starts them, unless they are there.
     * @param {Post} post
     */
    grow(post) {
      if (now) return;
      now = { isClosed: false, workers: [] };
      for (let member = 0; member < nMembers; member += 1) join(member, post, now);
    },
    /** Ends them; they can be started again, for another first worker. */
    close() {
      if (!now) return;
      now.isClosed = true;
      for (const worker of now.workers) worker.close();
      now = null;
    },
  };
}
