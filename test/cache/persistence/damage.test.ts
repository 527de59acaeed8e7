/** Whatever happens to the files: what is loaded was true, what was flushed stays away, and nothing throws. */
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { FRAME_HEAD, frameOf, scanFrame } from '../../../src/cache/persistence/frame.js';
import { nameFromText } from '../../../src/dns/name.js';
import { SimClock } from '../../sim/clock.js';
import type { MemoryDisk } from '../../sim/memory-disk.js';
import { KeptCache } from './kept-cache.js';

const clock = new SimClock();
const names = Array.from({ length: 12 }, (_, i) => `name-${i}.example`);
/** In the snapshot are all names; then one was flushed, two stored anew, one deleted. */
const FLUSHED = names[3]!;
const RENEWED = names.slice(4, 6);
let disk: MemoryDisk;

beforeAll(async () => {
  const kept = await KeptCache.open(undefined, clock);
  for (const name of names) kept.store(name, 80_000, `old ${name}`);
  await kept.pass(301_000);
  for (const name of RENEWED) kept.store(name, 80_000, `new ${name}`);
  kept.flush({ name: nameFromText(FLUSHED) });
  kept.store('last.example', 80_000, 'new last.example');
  await kept.persistence.settle();
  disk = kept.disk;
});

async function loadWith(file: string, octets: Buffer): Promise<KeptCache> {
  const next = disk.afterCrash({ power: false });
  next.put(file, octets);
  return KeptCache.open(next, clock);
}

function expectOnlyTruth(kept: KeptCache): void {
  for (const name of [...names, 'last.example']) {
    const data = kept.data(name);
    if (data !== undefined) expect([`old ${name}`, `new ${name}`]).toContain(data);
    expect(kept.look(name)?.ttl ?? 0).toBeLessThanOrEqual(80_000);
  }
}

const journal = (): string =>
  [...disk.files.keys()]
    .filter((name) => name.startsWith('journal-'))
    .sort()
    .at(-1)!;

describe('a snapshot', () => {
  it('cut off anywhere gives what stands before', async () => {
    const whole = disk.octets('snapshot');
    for (let length = 0; length < whole.length; length += 7) {
      const kept = await loadWith('snapshot', whole.subarray(0, length));
      expectOnlyTruth(kept);
      expect(kept.data(FLUSHED)).toBeUndefined();
      expect(kept.persistence.stats().loaded!.damage).toBeGreaterThan(0);
    }
    const almost = await loadWith('snapshot', whole.subarray(0, whole.length - 1));
    expect(almost.persistence.stats().loaded).toMatchObject({ entries: names.length, outdated: 1 });
    expect(almost.logged.find(({ level }) => level === 'error')?.fields).toMatchObject({
      file: 'snapshot',
      salvaged: names.length,
      kept: 'snapshot.broken',
    });
  });

  it('with a record that is damaged gives all the others', async () => {
    const octets = Buffer.from(disk.octets('snapshot'));
    const at = octets.indexOf('old name-7');
    octets[at] = octets[at]! ^ 1;
    const kept = await loadWith('snapshot', octets);
    expect(names.filter((name) => kept.data(name) === undefined)).toEqual([FLUSHED, names[7]]);
  });
});

describe('any file', () => {
  it('with any bit turned over, or any octets in the place of others, never gives what was not', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.boolean(),
        fc.nat(),
        fc.oneof(fc.integer({ min: 1, max: 255 }), fc.uint8Array({ minLength: 1, maxLength: 64 })),
        async (isSnapshot, place, change) => {
          const file = isSnapshot ? 'snapshot' : journal();
          const octets = Buffer.from(disk.octets(file));
          const at = place % octets.length;
          if (typeof change === 'number') octets[at] = octets[at]! ^ change;
          else Buffer.from(change).copy(octets, at);
          const kept = await loadWith(file, octets);
          expectOnlyTruth(kept);
          // Damage to it is noticed, and everything before it goes.
          expect(kept.data(FLUSHED)).toBeUndefined();
        },
      ),
      { numRuns: 400 },
    );
  });

  it('of any octets at all does no harm', async () => {
    await fc.assert(
      fc.asyncProperty(fc.boolean(), fc.uint8Array({ maxLength: 300 }), async (isSnapshot, octets) => {
        const kept = await loadWith(isSnapshot ? 'snapshot' : journal(), Buffer.from(octets));
        expectOnlyTruth(kept);
      }),
    );
  });
});

describe('a journal', () => {
  it('cut off anywhere gives what it was at that moment', async () => {
    const whole = disk.octets(journal());
    for (let length = 0; length <= whole.length; length += 5) {
      const kept = await loadWith(journal(), whole.subarray(0, length));
      expectOnlyTruth(kept);
      // Others are never lost by it.
      expect(kept.data(names[0]!)).toBe(`old ${names[0]}`);
      if (kept.data('last.example') !== undefined) expect(kept.data(FLUSHED)).toBeUndefined();
    }
  });
});

describe('a frame', () => {
  it('comes back as it went in, with its own salt alone', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), fc.nat(), (octets, salt) => {
        const frame = frameOf('set', Buffer.from(octets), salt);
        const scanned = scanFrame(frame, 0, frame.length, salt);
        expect(scanned).toEqual({
          kind: 'frame',
          frame: 'set',
          payload: frame.subarray(FRAME_HEAD),
          end: frame.length,
        });
        expect(scanFrame(frame, 0, frame.length, salt ^ 0x10000).kind).not.toBe('frame');
      }),
    );
  });

  it('in the payload of a damaged one is not found: data of strangers cannot pose as a record', () => {
    const posing = frameOf('set', Buffer.from('forged'), 1234);
    const outer = frameOf('set', posing, 0xfeedbeef);
    outer[3] = 0xff;
    for (let at = 0; at < outer.length; ) {
      const scanned = scanFrame(outer, at, outer.length, 0xfeedbeef);
      if (scanned.kind === 'short') break;
      expect(scanned.kind).toBe('damage');
      at = scanned.end;
    }
  });

  it('with one bit of its head turned over is not one', () => {
    const frame = frameOf('set', Buffer.alloc(300, 7), 99);
    for (let bit = 0; bit < 8 * FRAME_HEAD; bit++) {
      const turned = Buffer.from(frame);
      turned[bit >> 3] = turned[bit >> 3]! ^ (1 << (bit & 7));
      expect(scanFrame(turned, 0, turned.length, 99).kind).toBe('damage');
    }
  });
});
