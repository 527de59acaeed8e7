import { describe, expect, it } from 'vitest';
import { Entry, storeKey } from '../../src/cache/entry.js';
import { packHead, storedAtOf } from '../../src/cache/pack.js';
import { entryFrom, recordFrom } from '../../src/cache/portable.js';
import { Credibility } from '../../src/dns/provenance.js';
import type { Clock } from '../../src/ports/clock.js';

const clockAt = (now: number, wall: number): Clock => ({
  now: () => now,
  wall: () => wall,
  schedule: () => () => undefined,
});

const key = storeKey('rrset', '\x00\x01\x03www\x07example\x00');

function entryStoredAt(tick: number, expires: number): Entry {
  const provenance = {
    server: '192.0.2.1',
    transport: 'udp',
    section: 'answer',
    credibility: Credibility.answerAuthoritative,
    askedFor: 'www.example. A',
    costMs: 12,
    costExchanges: 2,
  } as const;
  const packed = packHead({ storedAt: tick, ttlOriginal: 300, security: { kind: 'insecure' }, provenance });
  return new Entry(`${packed}body\xff\x00`, expires);
}

describe('an entry outside of the process that made it', () => {
  it('goes on growing old by the wall clock, in a process whose monotonic clock stands elsewhere', () => {
    const before = clockAt(50_000, 1_700_000_000_000);
    const entry = entryStoredAt(400, 3400);
    entry.hits = 7;
    const after = clockAt(1_000, 1_700_000_100_000);
    const back = entryFrom(recordFrom(key, entry, before), after)!;
    expect(back.key).toBe(key);
    expect(back.entry.hits).toBe(7);
    // 290 s were left, 100 s went by.
    expect(back.entry.expires).toBe(10 + 1900);
    // Stored 10 s before the record was made: 110 s ago, which is before this process began.
    expect(storedAtOf(back.entry.packed)).toBe(10 - 1100);
    expect(back.entry.packed.slice(4)).toBe(entry.packed.slice(4));
  });

  it('is never stored later than now, though the wall clock was set back', () => {
    const record = recordFrom(key, entryStoredAt(400, 3400), clockAt(50_000, 1_700_000_000_000));
    const back = entryFrom(record, clockAt(1_000, 1_600_000_000_000))!;
    expect(storedAtOf(back.entry.packed)).toBe(10);
  });

  it('is nothing when its octets end too early', () => {
    const record = recordFrom(key, entryStoredAt(400, 3400), clockAt(50_000, 1_700_000_000_000));
    for (const length of [0, 17, 18, 18 + key.length]) {
      expect(entryFrom(record.subarray(0, length), clockAt(0, 0))).toBeUndefined();
    }
  });
});
