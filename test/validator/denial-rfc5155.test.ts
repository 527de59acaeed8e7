/** RFC 5155 Appendix B: the example responses by NSEC3 with opt-out, asked of the zone of Appendix A. */
import { describe, expect, it } from 'vitest';
import { hashFromLabel } from '../../src/dns/denial-rdata.js';
import { nameFromText } from '../../src/dns/name.js';
import { Type } from '../../src/dns/numbers.js';
import { octetsFromHex } from '../../src/dns/octets.js';
import { denyCloserMatch, denyDs, denyName, denyType } from '../../src/validator/denial.js';
import { nsec3Hash } from '../../src/validator/nsec3-hash.js';
import { proofFrom } from './denial-records.js';

const chain: readonly (readonly [name: string, hash: string, types: string])[] = [
  ['@', '0p9mhaveqvm6t7vbl5lop2u3t2rp3tom', 'MX DNSKEY NS SOA NSEC3PARAM RRSIG'],
  ['ns1', '2t7b4g4vsa5smi47k61mv5bv1a22bojr', 'A RRSIG'],
  ['x.y.w', '2vptu5timamqttgl4luu9kg21e0aor3s', 'MX RRSIG'],
  ['a', '35mthgpgcu1qg68fab165klnsnk3dpvl', 'NS DS RRSIG'],
  ['x.w', 'b4um86eghhds6nea196smvmlo4ors995', 'MX RRSIG'],
  ['ai', 'gjeqe526plbf1g8mklp59enfd789njgi', 'HINFO A AAAA RRSIG'],
  ['y.w', 'ji6neoaepv8b5o6k4ev33abha8ht9fgc', ''],
  ['w', 'k8udemvp1j2f7eg6jebps17vp3n8i58h', ''],
  ['2t7b4g4vsa5smi47k61mv5bv1a22bojr', 'kohar7mbb8dc2ce8a9qvl8hon4k53uhi', 'A RRSIG'],
  ['ns2', 'q04jkcevqvmu85r014c7dkba38o0ji5r', 'A RRSIG'],
  ['*.w', 'r53bq7cc2uvmubfu5ocmm6pers9tk9en', 'MX RRSIG'],
  ['xx', 't644ebqk9bibcna874givr6joj62mlhv', 'HINFO A AAAA RRSIG'],
];
const origin = nameFromText('example.');
const name = (text: string) => nameFromText(text, origin);

/** The NSEC3 records of these names of the zone. */
function proof(...names: string[]) {
  const lines = chain.map(([owner, hash, types], at) => {
    const next = chain[(at + 1) % chain.length]![1];
    return names.includes(owner) ? `${hash} NSEC3 1 1 12 aabbccdd ${next} ${types}` : '';
  });
  return proofFrom('example.', lines.join('\n'));
}
const all = () => proof(...chain.map(([owner]) => owner));

describe('RFC 5155 Appendix A and B', () => {
  it.each(chain)('the hash of %s is %s', (owner, hash) => {
    expect(nsec3Hash(name(owner), octetsFromHex('aabbccdd')!, 12)).toBe(hashFromLabel(hash));
  });

  it('B.1 name error: a.c.x.w.example, covered by an opt-out span', () => {
    expect(denyName(name('a.c.x.w'), proof('@', 'x.w', 'a'))).toEqual({ kind: 'proved', optOut: true });
    for (const two of [
      ['x.w', 'a'],
      ['@', 'a'],
      ['@', 'x.w'],
    ]) {
      expect(denyName(name('a.c.x.w'), proof(...two))).toMatchObject({ kind: 'unproved', ede: { code: 12 } });
    }
  });

  it('B.2 no data: ns1.example MX', () => {
    expect(denyType(name('ns1'), Type.MX, proof('ns1'))).toEqual({ kind: 'proved', optOut: false });
    expect(denyType(name('ns1'), Type.A, all())).toMatchObject({ kind: 'unproved', ede: { code: 6 } });
  });

  it('B.2.1 no data at an empty non-terminal: y.w.example A', () => {
    expect(denyType(name('y.w'), Type.A, proof('y.w'))).toEqual({ kind: 'proved', optOut: false });
    expect(denyDs(name('y.w'), proof('y.w'))).toEqual({ kind: 'no-cut' });
  });

  it('B.3 referral to the unsigned c.example, in an opt-out span', () => {
    expect(denyDs(name('c'), proof('a', '@'))).toEqual({ kind: 'insecure-delegation' });
    expect(denyType(name('c'), Type.DS, proof('a', '@'))).toEqual({ kind: 'proved', optOut: true });
    expect(denyDs(name('c'), proof('a'))).toMatchObject({ kind: 'unproved' });
    expect(denyDs(name('a'), all())).toMatchObject({ kind: 'unproved', ede: { code: 6 } });
  });

  it('B.4 wildcard expansion: a.z.w.example MX', () => {
    expect(denyCloserMatch(name('a.z.w'), name('w'), proof('ns2'))).toEqual({ kind: 'proved', optOut: true });
    expect(denyCloserMatch(name('a.z.w'), name('w'), proof('*.w', 'w'))).toMatchObject({ kind: 'unproved' });
    expect(denyCloserMatch(name('a.y.w'), name('w'), all())).toMatchObject({ kind: 'unproved' });
  });

  it('B.5 wildcard no data: a.z.w.example AAAA', () => {
    expect(denyType(name('a.z.w'), Type.AAAA, proof('w', 'ns2', '*.w'))).toEqual({ kind: 'proved', optOut: true });
  });

  it('B.6 no data from the child where DS is asked for', () => {
    expect(denyType(name('@'), Type.DS, proof('@'))).toMatchObject({ kind: 'unproved', ede: { code: 6 } });
    expect(denyDs(name('@'), proof('@'))).toMatchObject({ kind: 'unproved' });
  });
});
