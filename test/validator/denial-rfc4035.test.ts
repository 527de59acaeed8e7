/** RFC 4035 Appendix B: the example responses by NSEC, asked of the zone of Appendix A. */
import { describe, expect, it } from 'vitest';
import { nameFromText } from '../../src/dns/name.js';
import { Type } from '../../src/dns/numbers.js';
import { denyCloserMatch, denyDs, denyName, denyType } from '../../src/validator/denial.js';
import { proofFrom } from './denial-records.js';

const links: Readonly<Record<string, string>> = {
  apex: '@ NSEC a NS SOA MX RRSIG NSEC DNSKEY',
  a: 'a NSEC ai NS DS RRSIG NSEC',
  ai: 'ai NSEC b A HINFO AAAA RRSIG NSEC',
  b: 'b NSEC ns1 NS RRSIG NSEC',
  ns1: 'ns1 NSEC ns2 A RRSIG NSEC',
  ns2: 'ns2 NSEC *.w A RRSIG NSEC',
  wildcard: '*.w NSEC x.w MX RRSIG NSEC',
  xw: 'x.w NSEC x.y.w MX RRSIG NSEC',
  xyw: 'x.y.w NSEC xx MX RRSIG NSEC',
  xx: 'xx NSEC @ A HINFO AAAA RRSIG NSEC',
};
const proof = (...names: (keyof typeof links)[]) => proofFrom('example.', names.map((name) => links[name]).join('\n'));
const all = () => proof(...Object.keys(links));
const name = (text: string) => nameFromText(text, nameFromText('example.'));
const PROVED = { kind: 'proved', optOut: false };

describe('RFC 4035 Appendix B', () => {
  it('B.2 name error: ml.example', () => {
    expect(denyName(name('ml'), proof('b', 'apex'))).toEqual(PROVED);
    expect(denyName(name('ml'), all())).toEqual(PROVED);
  });

  it('B.2 needs the name and the wildcard', () => {
    expect(denyName(name('ml'), proof('b'))).toMatchObject({
      kind: 'unproved',
      because: 'the NSEC records of example. do not show that *.example. does not exist',
      ede: { code: 12 },
    });
    expect(denyName(name('ml'), proof('apex'))).toMatchObject({
      kind: 'unproved',
      because: 'the NSEC records of example. do not show that ml.example. does not exist',
    });
  });

  it('B.3 no data: ns1.example MX', () => {
    expect(denyType(name('ns1'), Type.MX, proof('ns1'))).toEqual(PROVED);
    expect(denyType(name('ns1'), Type.A, proof('ns1'))).toMatchObject({
      kind: 'unproved',
      because: 'the NSEC of ns1.example. in example. shows that it has A',
      ede: { code: 6 },
    });
    expect(denyName(name('ns1'), all())).toMatchObject({ kind: 'unproved', ede: { code: 6 } });
  });

  it('B.4 and B.5 referrals: a.example is signed, b.example is not', () => {
    expect(denyDs(name('b'), proof('b'))).toEqual({ kind: 'insecure-delegation' });
    expect(denyType(name('b'), Type.DS, proof('b'))).toEqual(PROVED);
    expect(denyDs(name('a'), proof('a'))).toMatchObject({ kind: 'unproved' });
    expect(denyDs(name('ns1'), all())).toEqual({ kind: 'no-cut' });
    expect(denyDs(name('ml'), all())).toEqual({ kind: 'name-error' });
    expect(denyDs(name('w'), all())).toEqual({ kind: 'no-cut' });
  });

  it('B.6 wildcard expansion: a.z.w.example MX', () => {
    expect(denyCloserMatch(name('a.z.w'), name('w'), proof('xyw'))).toEqual(PROVED);
    expect(denyCloserMatch(name('a.z.w'), name('w'), proof('wildcard'))).toMatchObject({ kind: 'unproved' });
    // x.y.w exists, so y.w is a closer encloser than w.
    expect(denyCloserMatch(name('z.y.w'), name('w'), all())).toMatchObject({ kind: 'unproved' });
    expect(denyCloserMatch(name('ml'), name('w'), all())).toMatchObject({ kind: 'unproved' });
  });

  it('B.7 wildcard no data: a.z.w.example AAAA', () => {
    expect(denyType(name('a.z.w'), Type.AAAA, proof('xyw', 'wildcard'))).toEqual(PROVED);
    expect(denyType(name('a.z.w'), Type.AAAA, proof('xyw'))).toMatchObject({ kind: 'unproved' });
    expect(denyType(name('a.z.w'), Type.MX, all())).toMatchObject({ kind: 'unproved' });
    expect(denyName(name('a.z.w'), all())).toMatchObject({ kind: 'unproved' });
    expect(denyDs(name('a.z.w'), all())).toEqual({ kind: 'no-cut' });
  });

  it('B.8 no data from the child where DS is asked for', () => {
    expect(denyType(name('@'), Type.DS, proof('apex'))).toMatchObject({ kind: 'unproved', ede: { code: 6 } });
    expect(denyDs(name('@'), proof('apex'))).toMatchObject({ kind: 'unproved' });
  });

  it('empty non-terminals w and y.w have no type and exist (§3.1.3.2)', () => {
    expect(denyType(name('w'), Type.A, proof('ns2'))).toEqual(PROVED);
    expect(denyType(name('y.w'), Type.MX, proof('xw'))).toEqual(PROVED);
    expect(denyName(name('y.w'), all())).toMatchObject({ kind: 'unproved' });
  });
});
