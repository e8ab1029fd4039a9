import assert from 'node:assert/strict';
import { test } from 'node:test';
import { areStartedToRead, members, workerCount } from '../../www/members.js';

const turn = () => new Promise((go) => setImmediate(go));

test('one worker less than there are cores, but two on two, at most 8, unless told', () => {
  assert.deepEqual([undefined, 1, 2, 20, 2.5, NaN, -3].map((asked) => workerCount(asked, 16)), [8, 1, 2, 20, 2, 1, 1]);
  assert.deepEqual([1, 2, 3, 4].map((nCores) => workerCount(undefined, nCores)), [1, 2, 2, 3]);
  assert.deepEqual([1, 2, 3].map((nCores) => areStartedToRead(undefined, nCores)), [false, false, true]);
  assert.ok(areStartedToRead(2, 2));
});

/** Members over workers that only note what is done with them. */
function setUp({ start = async (worker) => worker } = {}) {
  const posts = [];
  const workers = [];
  const pool = members({
    nMembers: 2,
    wasm: 'wasm',
    start: (onLost) => {
      const worker = {
        onLost,
        joined: null,
        isClosed: false,
        post: (message, [port]) => {
          worker.joined = message;
          port.close();
        },
        close: () => (worker.isClosed = true),
      };
      workers.push(worker);
      return start(worker);
    },
  });
  const post = (message, transfer = []) => {
    posts.push(message);
    transfer.forEach((port) => port.close());
  };
  return { grow: () => pool.grow(post), close: pool.close, posts, workers };
}

test('members are started once, each joined by a port of its own', async () => {
  const { grow, close, posts, workers } = setUp();
  assert.equal(workers.length, 0);
  grow();
  grow();
  assert.deepEqual(posts.map(({ member }) => member), [0, 1]);
  assert.ok(posts.every(({ port }) => port instanceof MessagePort));
  await turn();
  assert.ok(workers.every(({ joined }) => joined.join instanceof MessagePort && joined.wasm === 'wasm'));
  close();
  assert.ok(workers.every(({ isClosed }) => isClosed));
  grow();
  await turn();
  assert.equal(workers.length, 4, 'and again for another first worker');
  close();
});

test('the first worker is told of members that fail, also of those that never start', async () => {
  const { grow, close, posts, workers } = setUp();
  grow();
  await turn();
  workers[1].onLost();
  assert.deepEqual(posts.at(-1), { member: 1 });
  close();
  workers[0].onLost();
  assert.deepEqual(posts.at(-1), { member: 1 }, 'nobody is told after the end');

  const never = setUp({ start: async () => Promise.reject(new Error('refused by a policy')) });
  never.grow();
  await turn();
  assert.deepEqual(never.posts.slice(2), [{ member: 0 }, { member: 1 }]);
});

test('a member that starts after the end is ended', async () => {
  const { grow, close, workers } = setUp();
  grow();
  close();
  await turn();
  assert.ok(workers.every(({ isClosed, joined }) => isClosed && joined === null));
});
