/** RFC 5011 §2.3 in figures, and the names of RFC 8145 §5. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Rrsig } from '../../src/dns/dnssec-rdata.js';
import { nameFromText, nameToText, ROOT } from '../../src/dns/name.js';
import { refreshTimes } from '../../src/validator/anchor-schedule.js';
import { tagSignalName } from '../../src/validator/tag-signal.js';
import { DAY, NOW } from './signing.js';

const HOUR = 3600;
const signature = (originalTtl: number, left: number) =>
  ({ originalTtl, expiration: (NOW + left) >>> 0 }) as unknown as Rrsig;

describe('refreshTimes', () => {
  it.each([
    ['half and a tenth of the TTL', 2 * DAY, 21 * DAY, DAY, 17_280],
    ['of what is left of the signature, when that is less', 10 * DAY, 2 * DAY, DAY, 17_280],
    ['not above 15 days and one day', 60 * DAY, 60 * DAY, 15 * DAY, DAY],
    ['not below an hour', 60, 20 * DAY, HOUR, HOUR],
    ['not below an hour for a signature that has expired', DAY, -5 * DAY, HOUR, HOUR],
  ])('%s', (_, ttl, left, refresh, retry) => {
    expect(refreshTimes([signature(ttl, left)], NOW)).toEqual({ refresh, retry });
  });

  it('the shortest of several signatures counts; an hour without any', () => {
    expect(refreshTimes([signature(4 * DAY, 9 * DAY), signature(2 * DAY, 9 * DAY)], NOW).refresh).toBe(DAY);
    expect(refreshTimes([], NOW)).toEqual({ refresh: HOUR, retry: HOUR });
  });

  it('never leaves the bounds of the RFC, whatever a server says', () => {
    const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
    fc.assert(
      fc.property(u32, u32, (originalTtl, expiration) => {
        const { refresh, retry } = refreshTimes([{ originalTtl, expiration } as unknown as Rrsig], NOW);
        expect(refresh).toBeGreaterThanOrEqual(HOUR);
        expect(refresh).toBeLessThanOrEqual(15 * DAY);
        expect(retry).toBeGreaterThanOrEqual(HOUR);
        expect(retry).toBeLessThanOrEqual(DAY);
      }),
    );
  });
});

describe('tagSignalName', () => {
  it.each([
    ['.', [20326, 38696], '_ta-4f66-9728.'],
    ['example.', [5], '_ta-0005.example.'],
  ])('%s %j', (zone, tags, name) => {
    expect(nameToText(tagSignalName(nameFromText(zone), tags)!)).toBe(name);
  });

  it('is no name without tags, and never too long a label', () => {
    expect(tagSignalName(ROOT, [])).toBeUndefined();
    const many = Array.from({ length: 50 }, (_, i) => i);
    expect(nameToText(tagSignalName(ROOT, many)!)).toHaveLength('_ta'.length + 12 * 5 + 1);
  });
});
