/** Does the cache come back after an end of any kind, with the right TTLs, and does nothing come back that must not? */
import { describe, expect, it } from 'vitest';
import { DiskTakenError } from '../../../src/cache/persistence/persistence.js';
import { PORTABLE_VERSION } from '../../../src/cache/portable.js';
import { nameFromText, ROOT } from '../../../src/dns/name.js';
import { Type } from '../../../src/dns/numbers.js';
import type { Octets } from '../../../src/dns/octets.js';
import { octets32 } from '../../../src/dns/octets.js';
import { HurriedClock } from '../../sim/clock.js';
import { MemoryDisk } from '../../sim/memory-disk.js';
import { KeptCache, provenance, rrsetOf } from './kept-cache.js';

describe('a process that was killed', () => {
  it('lost no more than the last second, and what came back has grown old meanwhile', async () => {
    const kept = await KeptCache.open();
    kept.store('early.example', 300);
    await kept.pass(1000);
    kept.store('late.example', 300);
    const { disk } = kept;
    await kept.pass(10_000);
    const next = await KeptCache.open(disk.afterCrash({ power: true }), kept.clock);
    expect(next.look('early.example')).toEqual({ data: 'data', ttl: 289 });
    expect(next.look('late.example')).toEqual({ data: 'data', ttl: 290 });
    expect(next.persistence.stats().loaded).toMatchObject({ entries: 2, damage: 0 });
  });

  it('has everything on the disk within a second, though the power goes too', async () => {
    const kept = await KeptCache.open();
    kept.store('a.example', 300);
    await kept.pass(999);
    expect((await kept.afterCrash({}, true)).data('a.example')).toBe('data');
  });

  it('with always: at once', async () => {
    const kept = await KeptCache.open(undefined, undefined, {
      settings: { snapshotInterval: false, journal: 'always' },
    });
    kept.store('a.example', 300);
    await kept.pass(1);
    expect((await kept.afterCrash({}, true)).data('a.example')).toBe('data');
  });

  it('with no: what was written survives the process, and only what was synced the machine', async () => {
    const kept = await KeptCache.open(undefined, undefined, { settings: { snapshotInterval: false, journal: 'no' } });
    kept.store('a.example', 300);
    await kept.pass(5000);
    expect(kept.disk.syncs).toBe(0);
    expect((await kept.afterCrash()).data('a.example')).toBe('data');
    expect((await kept.afterCrash({}, true)).data('a.example')).toBeUndefined();
  });

  it('with off: the last snapshot is back, and what was flushed since is not', async () => {
    const kept = await KeptCache.open(undefined, undefined, { settings: { snapshotInterval: 60, journal: 'off' } });
    kept.store('a.example', 300);
    kept.store('b.example', 300);
    await kept.pass(61_000);
    kept.store('c.example', 300);
    kept.flush({ name: nameFromText('b.example') });
    await kept.persistence.settle();
    const next = await kept.afterCrash({}, true);
    expect(['a', 'b', 'c'].map((label) => next.data(`${label}.example`))).toEqual(['data', undefined, undefined]);
  });

  it('does not bring back what was past its time and taken back by a later word', async () => {
    const kept = await KeptCache.open();
    kept.cache.store.keepExpired(86_400);
    kept.store('a.example', 10);
    await kept.pass(20_000);
    expect(kept.data('a.example')).toBeUndefined();
    const name = nameFromText('a.example');
    kept.cache.expired.forget(name, [Type.TXT]);
    expect(kept.cache.expired.find(name, Type.TXT, ROOT, 30)).toBeUndefined();
    await kept.pass(2000);
    const next = new KeptCache(kept.disk.afterCrash({ power: false }), kept.clock);
    next.cache.store.keepExpired(86_400);
    await next.persistence.start();
    await next.persistence.loaded;
    expect(next.cache.store.stats().rrset.entries).toBe(0);
  });

  it('has the later of snapshot and journal', async () => {
    const kept = await KeptCache.open();
    kept.store('a.example', 1000, 'old');
    kept.store('b.example', 1000, 'old');
    await kept.pass(301_000);
    expect(kept.persistence.stats()).toMatchObject({ snapshots: 1, snapshot: { entries: 2 } });
    kept.store('a.example', 1000, 'new');
    // Shorter than what it took the place of, and over by the time of the next start: the older is not dug out.
    kept.store('b.example', 1, 'new');
    await kept.pass(2000);
    const next = await kept.afterCrash();
    expect(next.look('a.example')).toEqual({ data: 'new', ttl: 998 });
    expect(next.data('b.example')).toBeUndefined();
  });

  it('many times over, without ever living to a snapshot: nothing is lost, and files do not pile up', async () => {
    let kept = await KeptCache.open();
    for (let life = 0; life < 30; life++) {
      kept.store(`life-${life}.example`, 86_400);
      await kept.pass(5000);
      kept = await kept.afterCrash();
    }
    for (let life = 0; life < 30; life++) expect(kept.data(`life-${life}.example`)).toBe('data');
    expect(kept.disk.files.size).toBeLessThan(15);
  });
});

describe('an orderly end', () => {
  it('leaves a snapshot of everything', async () => {
    const kept = await KeptCache.open();
    kept.store('a.example', 300);
    await kept.persistence.stop();
    kept.disk.files.forEach((_, name) => {
      if (name.startsWith('journal')) kept.disk.files.delete(name);
    });
    expect((await KeptCache.open(kept.disk, kept.clock)).data('a.example')).toBe('data');
  });

  it('while it is loading leaves what was there before', async () => {
    const kept = await KeptCache.open();
    kept.store('a.example', 300);
    await kept.persistence.stop();
    let letGo: () => void = () => {};
    kept.disk.held = new Promise((resolve) => {
      letGo = resolve;
    });
    const next = new KeptCache(kept.disk, kept.clock);
    const started = next.persistence.start();
    const stopped = next.persistence.stop();
    letGo();
    await started;
    await stopped;
    kept.disk.held = undefined;
    expect((await KeptCache.open(kept.disk, kept.clock)).data('a.example')).toBe('data');
  });
});

describe('what was flushed', () => {
  it.each([
    [{ name: nameFromText('a.b.example') }, ['c.b.example', 'd.example']],
    [{ suffix: nameFromText('b.example') }, ['d.example']],
    [{ kind: 'nxdomain' }, ['a.b.example', 'c.b.example', 'd.example']],
    [{}, []],
  ] as const)('%o does not come back, and the rest does', async (filter, left) => {
    const kept = await KeptCache.open();
    const names = ['a.b.example', 'c.b.example', 'd.example'];
    for (const name of names) kept.store(name, 3000);
    await kept.pass(301_000);
    for (const name of names) kept.store(name, 3000, 'again');
    kept.flush(filter);
    await kept.persistence.settle();
    const next = await kept.afterCrash({}, true);
    expect(names.filter((name) => next.data(name) === 'again')).toEqual(left);
    expect(names.filter((name) => next.data(name) === 'data')).toEqual([]);
  });

  it('does not come back though memory had lost it before', async () => {
    const kept = await KeptCache.open();
    kept.store('a.example', 3000);
    await kept.pass(301_000);
    const disk = kept.disk.afterCrash({ power: true });
    const next = new KeptCache(disk, kept.clock);
    let letGo: () => void = () => {};
    disk.held = new Promise((resolve) => {
      letGo = resolve;
    });
    const started = next.persistence.start();
    next.flush({ suffix: nameFromText('example') });
    letGo();
    await started;
    await next.persistence.loaded;
    expect(next.data('a.example')).toBeUndefined();
    await next.persistence.settle();
    disk.held = undefined;
    expect((await next.afterCrash()).data('a.example')).toBeUndefined();
  });

  it('and fetched again comes back', async () => {
    const kept = await KeptCache.open();
    kept.store('a.example', 300, 'before');
    kept.flush({});
    kept.store('a.example', 300, 'after');
    await kept.persistence.settle();
    expect((await kept.afterCrash()).data('a.example')).toBe('after');
  });

  it('does not come back from a disk that would not take the flush', async () => {
    const kept = await KeptCache.open();
    kept.store('a.example', 3000);
    await kept.pass(301_000);
    kept.disk.refusing = 'ENOSPC';
    kept.flush({ name: nameFromText('a.example') });
    await kept.persistence.settle();
    expect((await kept.afterCrash()).data('a.example')).toBeUndefined();
  });
});

describe('a disk that refuses', () => {
  it('is told of once, with a way out; answers go on, and keeping too once it lets', async () => {
    const kept = await KeptCache.open();
    kept.disk.refusing = 'ENOSPC';
    for (let i = 0; i < 20; i++) {
      kept.store(`a${i}.example`, 86_400);
      await kept.pass(60_000);
    }
    const told = kept.logged.filter(({ level }) => level === 'error');
    expect(told).toHaveLength(1);
    expect(told[0]!.message).toMatch(/disk is full: make room.* or set cache.persistence: false/);
    expect(kept.persistence.stats().state).toBe('failing');
    expect(kept.persistence.stats().failures).toBeGreaterThan(2);
    expect(kept.data('a0.example')).toBe('data');
    kept.disk.refusing = undefined;
    await kept.pass(3_600_000);
    expect(kept.persistence.stats().state).toBe('keeping');
    expect(kept.logged.at(-1)!.message).toBe('the cache is kept again');
    expect((await kept.afterCrash()).data('a19.example')).toBe('data');
  });

  it('at the start is tried again', async () => {
    const disk = new MemoryDisk();
    disk.refusing = 'EACCES';
    const kept = await KeptCache.open(disk);
    kept.store('a.example', 3000);
    disk.refusing = undefined;
    await kept.pass(11_000);
    await kept.pass(25_000);
    expect((await kept.afterCrash()).data('a.example')).toBe('data');
  });

  it('and hangs does not hang the end', async () => {
    const kept = await KeptCache.open();
    kept.store('a.example', 300);
    kept.disk.held = new Promise(() => {});
    await kept.clock.run(kept.persistence.stop());
    expect(kept.logged.at(-1)!.message).toMatch(/does nothing/);
  });

  it('that another process has is refused', async () => {
    const disk = new MemoryDisk();
    disk.isTaken = true;
    await expect(new KeptCache(disk).persistence.start()).rejects.toThrow(DiskTakenError);
  });

  it('and is slow never has more than its share of memory waiting: a snapshot makes up for it', async () => {
    const kept = await KeptCache.open();
    kept.disk.held = new Promise(() => {});
    const large = 'x'.repeat(250);
    for (let i = 0; i < 40_000; i++) kept.store(`a${i}.example`, 86_400, large);
    const { journalBytes } = kept.persistence.stats();
    expect(journalBytes).toBeGreaterThan(2 ** 23);
    expect(journalBytes).toBeLessThan(2 ** 23 + 2 ** 17);
  });
});

describe('the wall clock', () => {
  it.each([
    [-10 * 86_400_000, 'back'],
    [-5000, 'a little back'],
  ])('set %d ms (%s) gives no entry more time than it was kept for', async (jump) => {
    const kept = await KeptCache.open();
    kept.store('a.example', 300);
    await kept.pass(100_000);
    kept.clock.jump(jump);
    const { ttl } = (await kept.afterCrash()).look('a.example')!;
    expect(ttl).toBeLessThanOrEqual(300);
    expect(ttl).toBeGreaterThanOrEqual(200);
  });

  it('set forward ends what is over by it', async () => {
    const kept = await KeptCache.open();
    kept.store('a.example', 300);
    await kept.pass(1000);
    kept.clock.jump(400_000);
    expect((await kept.afterCrash()).data('a.example')).toBeUndefined();
  });
});

describe('what was secure', () => {
  /** RRSIG RDATA with these times; the rest does not matter here. */
  const signature = (inception: number, expiration: number): Octets =>
    `\x00\x10\x0d\x02${octets32(300)}${octets32(expiration)}${octets32(inception)}\x00\x01\x00sig` as Octets;

  async function backAfter(signatures: readonly [number, number][], at?: number): Promise<boolean> {
    const kept = await KeptCache.open();
    const now = Math.floor(kept.clock.wall() / 1000);
    const signed = signatures.map(([from, to]) => signature(now + from, now + to));
    kept.cache.storeRrset(rrsetOf('a.example', 300, 'data', signed), { kind: 'secure' }, provenance);
    await kept.pass(10_000);
    const parts = at === undefined ? {} : { signatureTime: () => now + at };
    return (await kept.afterCrash(parts)).data('a.example') !== undefined;
  }

  it('is back while a signature holds, by the clock or by dnssec.validationTime', async () => {
    expect(await backAfter([[-100, 100]])).toBe(true);
    expect(await backAfter([[-100, 5]])).toBe(false);
    expect(await backAfter([[50, 100]])).toBe(false);
    expect(
      await backAfter([
        [-100, 5],
        [-100, 100],
      ]),
    ).toBe(true);
    expect(await backAfter([[-100, 5]], 0)).toBe(true);
    expect(await backAfter([[-100, 100]], 101)).toBe(false);
  });

  it('of every proof too', async () => {
    const kept = await KeptCache.open();
    const now = Math.floor(kept.clock.wall() / 1000);
    const proof = (name: string, to: number) => rrsetOf(name, 300, 'x', [signature(now - 100, now + to)]);
    kept.cache.storeRrset(rrsetOf('good.example', 300), { kind: 'secure' }, provenance, [proof('p.example', 100)]);
    kept.cache.storeRrset(rrsetOf('over.example', 300), { kind: 'secure' }, provenance, [
      proof('p.example', 100),
      proof('q.example', 5),
    ]);
    await kept.pass(10_000);
    const next = await kept.afterCrash();
    expect([next.data('good.example'), next.data('over.example')]).toEqual(['data', undefined]);
  });
});

describe('files of other terms', () => {
  it('made under another trust are not believed, and it is said', async () => {
    const kept = await KeptCache.open();
    kept.store('a.example', 3000);
    await kept.pass(301_000);
    kept.store('b.example', 3000);
    await kept.pass(1000);
    const next = await kept.afterCrash({ fingerprint: 'cd'.repeat(32) });
    expect([next.data('a.example'), next.data('b.example')]).toEqual([undefined, undefined]);
    expect(next.logged.filter(({ message }) => message.includes('other trust anchors'))).toHaveLength(1);
    // Their place is taken soon.
    next.store('c.example', 3000);
    await next.pass(2000);
    expect(next.persistence.stats().snapshots).toBe(1);
    expect((await next.afterCrash({ fingerprint: 'cd'.repeat(32) })).data('c.example')).toBe('data');
  });

  it('a change of trust while it runs goes into the files', async () => {
    const other = { fingerprint: 'cd'.repeat(32) };
    const kept = await KeptCache.open();
    kept.store('a.example', 3000);
    await kept.pass(301_000);
    kept.flush({});
    kept.persistence.retrust(other.fingerprint);
    kept.store('b.example', 3000);
    await kept.pass(999);
    const same = await kept.afterCrash();
    expect([same.data('a.example'), same.data('b.example')]).toEqual([undefined, undefined]);
    const next = await kept.afterCrash(other);
    expect([next.data('a.example'), next.data('b.example')]).toEqual([undefined, 'data']);
  });

  it('of another version, or not ours at all, are reported and do no harm', async () => {
    const kept = await KeptCache.open();
    kept.store('a.example', 3000);
    await kept.persistence.stop();
    for (const content of [Buffer.alloc(0), Buffer.from('GIF89a'), Buffer.alloc(5000, 0xa7), Buffer.alloc(300_000)]) {
      const disk = kept.disk.afterCrash({ power: false });
      disk.put('snapshot', content);
      const next = await KeptCache.open(disk, kept.clock);
      expect(next.data('a.example')).toBeUndefined();
      expect(next.logged.map(({ message }) => message).join()).toMatch(/damaged/);
      expect(disk.octets('snapshot.broken').equals(content)).toBe(true);
    }
    expect(PORTABLE_VERSION).toBe(1);
  });
});

describe('when slices are over by the clock', () => {
  const COUNT = 480;
  const STEPS_PER_LOOK = 16;

  /** Turns of the event loop until it resolves. */
  async function turnsOf(work: Promise<unknown>): Promise<number> {
    let turns = 0;
    let isOver = false;
    const ended = work.finally(() => {
      isOver = true;
    });
    while (!isOver) {
      await new Promise((resolve) => setImmediate(resolve));
      turns++;
    }
    await ended;
    return turns;
  }

  it.each(['a snapshot', 'journals'])('everything else has its turn while %s is loaded', async (from) => {
    const kept = await KeptCache.open(new MemoryDisk(), new HurriedClock());
    for (let i = 0; i < COUNT; i++) kept.store(`host-${i}.example`, 86_400);
    if (from === 'a snapshot') await kept.persistence.stop();
    else await kept.pass(2000);
    const next = new KeptCache(kept.disk.afterCrash({ power: false }), kept.clock);
    await next.persistence.start();
    // What is in journals is read, and then put into the cache.
    const passes = from === 'journals' ? 2 : 1;
    expect(await turnsOf(next.persistence.loaded)).toBeGreaterThanOrEqual((passes * COUNT) / STEPS_PER_LOOK);
    expect(next.persistence.stats().loaded?.entries).toBe(COUNT);
  });

  it('everything else has its turn while a snapshot passes over what is not worth keeping', async () => {
    const kept = await KeptCache.open(new MemoryDisk(), new HurriedClock());
    for (let i = 0; i < COUNT; i++) kept.store(`host-${i}.example`, 60);
    await kept.pass(61_000);
    expect(await turnsOf(kept.persistence.stop())).toBeGreaterThanOrEqual(COUNT / STEPS_PER_LOOK);
    expect(kept.persistence.stats().snapshot?.entries).toBe(0);
  });
});
