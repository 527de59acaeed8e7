/** Which key does a DS mean, and which DS count? */
import { describe, expect, it } from 'vitest';
import { builtInTrustAnchors } from '../../src/config/trust-anchors.js';
import { type Dnskey, type Ds, dnskeyOf, dsOf } from '../../src/dns/dnssec-rdata.js';
import { nameFromText, ROOT } from '../../src/dns/name.js';
import { type Octets, octetsFromHex, octetsOf, sliceOctets } from '../../src/dns/octets.js';
import { recordFromText } from '../../src/presentation/record-text.js';
import { Algorithms } from '../../src/validator/algorithms.js';
import { dsMatches, usableDs } from '../../src/validator/digest.js';
import { dnskey, makeKey } from './signing.js';

const dsFrom = (text: string): Ds => dsOf(recordFromText(text).rdata)!;
const keyFrom = (text: string): Dnskey => dnskeyOf(recordFromText(text).rdata)!;

describe('dsMatches', () => {
  // RFC 4034 §5.4 and RFC 4509 §2.3 share this key; RFC 6605 §6.2 has the one with SHA-384.
  const rsa = keyFrom(
    'dskey.example.com. 86400 IN DNSKEY 256 3 5 AQOeiiR0GOMYkDshWoSKz9XzfwJr1AYtsmx3TGkJaNXVbfi/2pHm822aJ5iI9BMzNXxeYCmZDRD99WYwYqUSdjMmmAphXdvxegXd/M5+X7OrzKBaMbCVdFLUUh6DhweJBjEVv5f2wwjM9XzcnOf+EPbtG9DMBmADjFDc2w/rljwvFw==',
  );
  const p384 = keyFrom(
    'example.net. 3600 IN DNSKEY 257 3 14 xKYaNhWdGOfJ+nPrL8/arkwf2EY3MDJ+SErKivBVSum1w/egsXvSADtNJhyem5RCOpgQ6K8X1DRSEkrbYQ+OB+v8/uX45NBwY8rp65F6Glur8I/mlVNgF6W/qTI37m40',
  );
  const sha1 = 'dskey.example.com. 86400 IN DS 60485 5 1 2BB183AF5F22588179A53B0A98631FAD1A292118';
  const sha256 =
    'dskey.example.com. 86400 IN DS 60485 5 2 D4B7D520E7BB5F0F67674A0CCEB1E3E0614B93C4F9E99B8383F6A1E4469DA50A';
  const sha384 =
    'example.net. 3600 IN DS 10771 14 4 72d7b62976ce06438e9c0bf319013cf801f09ecc84b8d7e9495f27e305c6a9b0563a9b5f4d288405c3008a946df983d6';

  it.each([
    ['SHA-1', sha1, 'dskey.example.com.', rsa],
    ['SHA-256', sha256, 'dskey.example.com.', rsa],
    ['SHA-384', sha384, 'example.net.', p384],
  ])('%s, as the RFCs have it', (_, text, owner, key) => {
    const ds = dsFrom(text);
    expect(dsMatches(ds, nameFromText(owner), key)).toBe(true);
    expect(dsMatches(ds, nameFromText(`not.${owner}`), key)).toBe(false);
    const torn = { ...ds, digest: sliceOctets(ds.digest, 0, ds.digest.length - 1) };
    expect(dsMatches(torn, nameFromText(owner), key)).toBe(false);
    expect(dsMatches({ ...ds, digest: '' as Octets }, nameFromText(owner), key)).toBe(false);
  });

  it('tag, algorithm, digest type and the zone key flag must fit', () => {
    const ds = dsFrom(sha256);
    const owner = nameFromText('dskey.example.com.');
    expect(dsMatches({ ...ds, keyTag: ds.keyTag ^ 1 }, owner, rsa)).toBe(false);
    expect(dsMatches({ ...ds, algorithm: 8 }, owner, rsa)).toBe(false);
    for (const digestType of [0, 3, 5, 255]) expect(dsMatches({ ...ds, digestType }, owner, rsa)).toBe(false);
    const noZoneKey = dnskey(5, rsa.publicKey, 0);
    expect(dsMatches({ ...ds, keyTag: noZoneKey.keyTag }, owner, noZoneKey)).toBe(false);
  });

  it('the built-in anchors of the root are no digests of other keys', () => {
    const anchors = builtInTrustAnchors().map(({ rdata }) => dsOf(rdata)!);
    expect(anchors.map((ds) => [ds.keyTag, ds.algorithm, ds.digestType])).toEqual([
      [20326, 8, 2],
      [38696, 8, 2],
    ]);
    for (const ds of anchors) expect(dsMatches(ds, ROOT, rsa)).toBe(false);
  });
});

describe('usableDs', () => {
  const digest = octetsOf(Buffer.alloc(20));
  const ds = (algorithm: number, digestType: number): Ds => ({ keyTag: 1, algorithm, digestType, digest });
  const usable = (legacy: number[], ...set: Ds[]) =>
    usableDs(set, new Algorithms(legacy)).map(({ algorithm, digestType }) => `${algorithm}/${digestType}`);

  it('unknown algorithms and digests do not count', () => {
    expect(usable([], ds(8, 3), ds(12, 2), ds(0, 0), ds(253, 2), ds(1, 2))).toEqual([]);
    expect(usable([], ds(8, 2), ds(199, 2), ds(8, 3))).toEqual(['8/2']);
  });

  it('SHA-1 counts only where nothing stronger is usable (RFC 4509 §3)', () => {
    expect(usable([], ds(8, 1))).toEqual(['8/1']);
    expect(usable([], ds(8, 1), ds(8, 2), ds(8, 4))).toEqual(['8/2', '8/4']);
    expect(usable([], ds(8, 1), ds(13, 2))).toEqual(['13/2']);
    expect(usable([], ds(8, 1), ds(199, 2), ds(8, 3))).toEqual(['8/1']);
  });

  it('DSA counts on request', () => {
    expect(usable([], ds(3, 1), ds(6, 2))).toEqual([]);
    expect(usable([3], ds(3, 1), ds(6, 2))).toEqual(['3/1']);
    expect(usable([1, 12, 3, 6], ds(1, 2), ds(12, 2), ds(6, 2))).toEqual(['6/2']);
  });

  it('names of algorithms are for people', () => {
    const { name } = new Algorithms([]);
    expect([5, 7, 8, 13, 12, 199].map(name)).toEqual([
      'RSASHA1 (5)',
      'RSASHA1-NSEC3-SHA1 (7)',
      'RSASHA256 (8)',
      'ECDSAP256SHA256 (13)',
      'ECC-GOST (12)',
      'algorithm 199',
    ]);
  });
});

describe('key tags (RFC 4034 Appendix B)', () => {
  it('of algorithm 1 comes out of the modulus', () => {
    expect(dnskeyOf(octetsFromHex('0100030101030a0b0c0d0e')!)!.keyTag).toBe(0x0c0d);
    expect(dnskeyOf(octetsFromHex('01000301')!)!.keyTag).toBe(0);
  });

  it('of others is a sum with its carries, however long the key', () => {
    expect(dnskeyOf(octetsFromHex(`01000308${'ff'.repeat(65531)}`)!)!.keyTag).toBe(ones(65531));
    expect(makeKey(15).dnskey.keyTag).toBeLessThan(0x10000);
  });

  /** The tag of 0100 0308 and so many octets 0xff, by arithmetic: 0xffff is 0 modulo 0xffff, carries are added once. */
  function ones(count: number): number {
    const sum = 0x0100 + 0x0308 + Math.floor(count / 2) * 0xffff + (count % 2) * 0xff00;
    return (sum + Math.floor(sum / 0x10000)) % 0x10000;
  }
});
