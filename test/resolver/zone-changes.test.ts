/** How often may a NOTIFY cost a flush? Time is set by hand. */
import { beforeEach, describe, expect, it } from 'vitest';
import { nameFromText, nameToText } from '../../src/dns/name.js';
import type { Soa } from '../../src/dns/rrset.js';
import { ZoneChanges } from '../../src/resolver/zone-changes.js';
import { SimClock } from '../sim/clock.js';

const INTERVAL = 5000;
const log = { debug() {}, info() {}, warn() {}, error() {} };
const A = nameFromText('a.example');
const B = nameFromText('b.example');
const soa = { serial: 7 } as Soa;

let clock: SimClock;
let flushed: string[];
/** Milliseconds that a flush takes. */
let cost: number;
/** Milliseconds that it gives memory back for, afterwards. */
let lasting: number;
let isHeld: boolean;
let changes: ZoneChanges;
beforeEach(() => {
  clock = new SimClock();
  flushed = [];
  cost = 0;
  lasting = 0;
  isHeld = false;
  let now = 0;
  changes = new ZoneChanges({
    clock: {
      now: () => clock.now() + now,
      wall: () => clock.wall(),
      schedule: (delay, action) => clock.schedule(delay, action),
    },
    log,
    interval: () => INTERVAL,
    flush: async (zone) => {
      now += cost;
      flushed.push(nameToText(zone));
      if (lasting > 0) await new Promise<void>((resolve) => void clock.schedule(lasting, resolve));
      return flushed.length;
    },
    isOfVersion: () => isHeld,
    isRouted: (zone) => zone === nameFromText('corp'),
  });
});

describe('a zone', () => {
  it('is flushed at once, then once more when the interval is over, however often it is told of', async () => {
    expect(changes.notified(A, undefined)).toBe('flushed');
    for (let i = 0; i < 100; i++) expect(changes.notified(A, undefined)).toBe('later');
    // The flush ends.
    await new Promise((resolve) => setImmediate(resolve));
    await clock.pass(INTERVAL - 1);
    expect(flushed).toEqual(['a.example.']);
    await clock.pass(1);
    expect(flushed).toEqual(['a.example.', 'a.example.']);
    await clock.pass(10 * INTERVAL);
    expect(flushed).toHaveLength(2);
    expect(changes.notified(A, undefined)).toBe('flushed');
  });

  it('is not flushed for a version of which everything is already, nor later when it is by then', async () => {
    isHeld = true;
    expect(changes.notified(A, soa)).toBe('same');
    expect(changes.notified(B, undefined)).toBe('later');
    await clock.pass(100);
    expect(flushed).toEqual(['b.example.']);
    isHeld = false;
    expect(changes.notified(A, soa)).toBe('later');
    isHeld = true;
    await clock.pass(INTERVAL);
    expect(flushed).toEqual(['b.example.']);
  });

  it('as wide as a top-level domain is flushed when it is routed only', () => {
    const outcomes = ['.', 'com', 'corp', 'example.com'].map((zone) => changes.notified(nameFromText(zone), undefined));
    expect(outcomes).toEqual(['too-wide', 'too-wide', 'flushed', 'later']);
  });
});

describe('many zones', () => {
  it('wait until the flush before has given all memory back, and nine times as long', async () => {
    lasting = 1000;
    expect([changes.notified(A, undefined), changes.notified(B, undefined)]).toEqual(['flushed', 'later']);
    await clock.pass(9999);
    expect(flushed).toEqual(['a.example.']);
    await clock.pass(1);
    expect(flushed).toEqual(['a.example.', 'b.example.']);
  });

  it('take turns, each flush followed by a rest of nine times its length', async () => {
    cost = 50;
    for (let i = 0; i < 10; i++) changes.notified(nameFromText(`z${i}.example`), undefined);
    expect(flushed).toHaveLength(1);
    await clock.pass(440);
    expect(flushed).toHaveLength(1);
    await clock.pass(10_000);
    expect(flushed).toEqual(Array.from({ length: 10 }, (_, i) => `z${i}.example.`));
  });

  it('beyond a bound are turned away until some are done', async () => {
    const outcomes = Array.from({ length: 1030 }, (_, i) => changes.notified(nameFromText(`z${i}.example`), undefined));
    expect(outcomes.filter((outcome) => outcome === 'crowded')).toHaveLength(6);
    await clock.pass(1030 * 100 + INTERVAL);
    expect(flushed).toHaveLength(1024);
    expect(changes.notified(A, undefined)).toBe('flushed');
  });

  it('that wait at the end are let go', async () => {
    changes.notified(A, undefined);
    changes.notified(A, undefined);
    changes.close();
    await clock.pass(INTERVAL);
    expect(flushed).toHaveLength(1);
  });
});
