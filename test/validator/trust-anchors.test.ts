/** What governs a name: anchors, negative ones, and those that change while we run. */
import { expect, it } from 'vitest';
import { nameFromText, ROOT } from '../../src/dns/name.js';
import { Type } from '../../src/dns/numbers.js';
import { type Octets, octetsFrom } from '../../src/dns/octets.js';
import { TrustAnchors, type ZoneAnchors } from '../../src/validator/trust-anchors.js';

const ds = (keyTag: number): Octets => octetsFrom(keyTag >> 8, keyTag & 0xff, 8, 2, 1, 2, 3);
const anchorAt = (zone: string, keyTag = 1) => ({ zone: nameFromText(zone), type: Type.DS, rdata: ds(keyTag) });
const negativeAt = (name: string, until: number | null = null) => ({ name: nameFromText(name), until, reason: '' });

function governing(anchors: TrustAnchors, name: string, wall = 1000): string {
  const found = anchors.governing(nameFromText(name), Type.A, wall);
  return found.kind;
}

it('an anchor below a negative one turns validation on again (RFC 7646 §2)', () => {
  const anchors = new TrustAnchors([anchorAt('.'), anchorAt('good.broken.')], [negativeAt('broken.')]);
  expect(governing(anchors, 'www.example.')).toBe('anchor');
  expect(governing(anchors, 'www.broken.')).toBe('negative');
  expect(governing(anchors, 'www.good.broken.')).toBe('anchor');
});

it('a negative anchor holds until its time, not longer', () => {
  const anchors = new TrustAnchors([anchorAt('.')], [negativeAt('broken.', 1000)]);
  expect(governing(anchors, 'broken.', 999)).toBe('negative');
  expect(governing(anchors, 'broken.', 1000)).toBe('anchor');
});

it('tracked zones are asked for at every use, and nothing fixed stands in for them', () => {
  let now: ZoneAnchors | undefined = { zone: ROOT, ds: [ds(7)], dnskeys: [] };
  const tracked = { isTracked: (zone: string) => zone === ROOT, at: () => now };
  const anchors = new TrustAnchors([anchorAt('.', 1), anchorAt('island.', 2)], [], tracked);
  expect(anchors.tagsAt(ROOT)).toEqual([7]);
  expect(governing(anchors, 'www.')).toBe('anchor');
  now = undefined;
  expect(anchors.tagsAt(ROOT)).toEqual([]);
  expect(governing(anchors, 'www.')).toBe('none');
  expect(governing(anchors, 'www.island.')).toBe('anchor');
});
