import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, it } from 'vitest';
import { serverAddress } from '../../src/dns/address.js';
import { loadLibc } from '../../src/native/libc.js';
import { openUdp } from '../../src/native/udp-socket.js';
import { GENERATION, TURN } from '../../src/server/fronts/front-memory.js';
import type { FrontThreadData } from '../../src/server/fronts/front-thread.js';
import { Link } from '../../src/server/fronts/link.js';
import { systemClock } from '../../src/transport/system-clock.js';
import { settings } from './edge-fixture.js';

const outcome = await loadLibc();
const libc = outcome.kind === 'there' ? outcome.libc : undefined;

const links: Link[] = [];
afterEach(async () => {
  for (const link of links.splice(0)) {
    link.terminate();
    await link.ended;
  }
});

/** A thread that runs `body`, with `control` in its hands, instead of a front. */
function linkTo(body: string): { readonly link: Link; readonly control: Int32Array } {
  let control = new Int32Array(new SharedArrayBuffer(0));
  const openThread = (data: FrontThreadData): Worker => {
    control = new Int32Array(data.memory.control);
    const text = `const { workerData, parentPort } = require('node:worker_threads');
      const control = new Int32Array(workerData.memory.control); ${body}`;
    return new Worker(text, { eval: true, workerData: data });
  };
  const link = new Link({ libc: libc!, settings: settings(), answerOctets: 0, clock: systemClock, openThread });
  links.push(link);
  return { link, control };
}

const READY = "parentPort.postMessage('ready');";

describe.skipIf(libc === undefined)('the link to a front thread', () => {
  it('waits for the batch that the front is at work on, and for no other', async () => {
    // At work until something is to be forgotten, and a little longer.
    const { link, control } = linkTo(`
      Atomics.add(control, ${TURN}, 1); ${READY}
      Atomics.wait(control, 0, 0);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
      Atomics.add(control, ${TURN}, 1); Atomics.notify(control, ${TURN});`);
    await link.ready;
    link.forget();
    Atomics.notify(control, 0);
    link.settle();
    expect(Atomics.load(control, TURN)).toBe(2);
    link.settle();
  });

  it('tells the front that a socket was taken away, which it may have been told is ready', async () => {
    const { link, control } = linkTo(`${READY} setInterval(() => {}, 1000);`);
    const fd = openUdp(libc!, serverAddress('127.0.0.1', 0), 65_536);
    link.add(fd, 0);
    link.remove(fd);
    libc!.close(fd);
    expect(Atomics.load(control, GENERATION)).toBe(1);
  });

  it('does not wait for ever for one that hangs, and notices that it does', async () => {
    const { link } = linkTo(`Atomics.add(control, ${TURN}, 1); ${READY} for (;;);`);
    await link.ready;
    link.settle();
    expect(link.isStuck()).toBe(false);
    expect(link.isStuck()).toBe(true);
    link.terminate();
    expect(await link.ended).toBeUndefined();
    expect(link.hasEnded).toBe(true);
    await link.questions();
  });

  it('takes one that is idle for sound', async () => {
    const { link } = linkTo(`${READY} setInterval(() => {}, 1000);`);
    await link.ready;
    expect([link.isStuck(), link.isStuck(), link.isStuck()]).toEqual([false, false, false]);
  });

  it('tells why a thread ended before it was ready', async () => {
    const { link } = linkTo(`throw new Error('no room');`);
    await expect(link.ready).rejects.toThrow('no room');
    expect(await link.ended).toMatchObject({ message: 'no room' });
    const silent = linkTo('').link;
    await expect(silent.ready).rejects.toThrow('ended before it was ready');
  });
});
