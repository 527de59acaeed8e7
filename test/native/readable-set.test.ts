import { afterEach, describe, expect, it } from 'vitest';
import { EVENT_DATA, EVENT_OCTETS } from '../../src/native/epoll.js';
import type { Libc } from '../../src/native/libc.js';
import { ReadableSet } from '../../src/native/readable-set.js';

/** epoll(7) and Node's event loop, by hand. */
class Loop {
  ready: number[] = [];
  wake: () => void = () => {};
  readonly closed: string[] = [];
  readonly libc = {
    epollCreate: () => 7,
    epollControl: () => 0,
    epollWait: (_set: number, events: Uint8Array, count: number) => {
      const told = this.ready.splice(0, count);
      for (const [i, fd] of told.entries())
        Buffer.from(events.buffer, events.byteOffset).writeInt32LE(fd, i * EVENT_OCTETS + EVENT_DATA);
      return told.length;
    },
    watch: (_fd: number, readable: () => void) => {
      this.wake = readable;
      return { close: () => void this.closed.push('watch'), unref: () => {} };
    },
    close: () => this.closed.push('epoll'),
    errno: () => 0,
  } as unknown as Libc;
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
const fds = (count: number) => Array.from({ length: count }, (_, i) => i + 100);

describe('a set of sockets to be read', () => {
  let set: ReadableSet | undefined;
  afterEach(() => set?.close());

  it('tells of 32 in a turn, and of the rest when it is woken again', async () => {
    const loop = new Loop();
    const read: number[] = [];
    set = new ReadableSet(
      loop.libc,
      (fd) => read.push(fd),
      () => true,
    );
    loop.ready = fds(40);
    loop.wake();
    loop.wake();
    await turn();
    expect(read).toEqual(fds(32));
    loop.wake();
    await turn();
    expect(read).toEqual(fds(40));
  });

  it('tells of no others before what was told of is done with, a part in each turn', async () => {
    const loop = new Loop();
    const seen: string[] = [];
    let parts = 3;
    set = new ReadableSet(
      loop.libc,
      (fd) => seen.push(String(fd)),
      (isFirst) => {
        seen.push(isFirst ? 'first' : 'then');
        return --parts <= 0;
      },
    );
    loop.ready = [100];
    loop.wake();
    await turn();
    loop.ready = [101];
    expect(seen).toEqual(['100', 'first']);
    await turn();
    expect(seen).toEqual(['100', 'first', 'first']);
    await turn();
    // What is left over takes the first call of the turn; the rest of its time is for others.
    expect(seen).toEqual(['100', 'first', 'first', 'first', '101', 'then']);
  });

  it('tells of nothing once it is closed, though something was left over', async () => {
    const loop = new Loop();
    let calls = 0;
    set = new ReadableSet(
      loop.libc,
      () => {},
      () => {
        calls++;
        return false;
      },
    );
    loop.ready = [100];
    loop.wake();
    await turn();
    set.close();
    set.close();
    await turn();
    await turn();
    expect(calls).toBe(1);
    expect(loop.closed).toEqual(['watch', 'epoll']);
  });

  it('tells of nothing more when one of those it tells closes it', async () => {
    const loop = new Loop();
    const read: number[] = [];
    set = new ReadableSet(
      loop.libc,
      (fd) => {
        read.push(fd);
        set!.close();
      },
      () => true,
    );
    loop.ready = fds(3);
    loop.wake();
    await turn();
    expect(read).toEqual([100]);
  });
});
