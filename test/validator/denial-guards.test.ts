/** One way to be fooled, or to be made to work, each. Where a CVE or an erratum taught it, the name says which. */
import { describe, expect, it } from 'vitest';
import { type DomainName, nameFromLabels, nameFromText, ROOT } from '../../src/dns/name.js';
import { Type } from '../../src/dns/numbers.js';
import { NO_OCTETS, type Octets, octetsFromHex } from '../../src/dns/octets.js';
import type { RRset } from '../../src/dns/rrset.js';
import { base32hex } from '../../src/lab/nsec3-hash.js';
import { type DenialProof, denyCloserMatch, denyDs, denyName, denyType } from '../../src/validator/denial.js';
import { nsec3Hash } from '../../src/validator/nsec3-hash.js';
import { HashBudget, proofFrom } from './denial-records.js';

const origin = nameFromText('example.');
const name = (text: string) => nameFromText(text, origin);
const PROVED = { kind: 'proved', optOut: false };
const UNPROVED = { kind: 'unproved' };

const label = (owner: DomainName, salt = NO_OCTETS, iterations = 0) => base32hex(nsec3Hash(owner, salt, iterations));
/** A hash and one beside it, as labels: the narrowest span round a name. */
function around(owner: DomainName, salt = NO_OCTETS, iterations = 0): { before: string; after: string } {
  const hash = Buffer.from(nsec3Hash(owner, salt, iterations), 'latin1');
  const shifted = (by: number) => {
    const number = BigInt(`0x${hash.toString('hex')}`) + BigInt(by);
    return base32hex(octetsFromHex(number.toString(16).padStart(40, '0'))!);
  };
  return { before: shifted(-1), after: shifted(1) };
}
/** Parameters as "algorithm flags iterations salt". */
const matching = (owner: DomainName, types: string, parameters = '1 0 0 -') =>
  `${label(owner)} NSEC3 ${parameters} ${around(owner).after} ${types}`;
const covering = (owner: DomainName, parameters = '1 0 0 -') =>
  `${around(owner).before} NSEC3 ${parameters} ${around(owner).after} A RRSIG`;
const nameErrorOf = (owner: string, parameters = '1 0 0 -') => [
  matching(origin, 'SOA NS DNSKEY RRSIG', parameters),
  covering(name(owner), parameters),
  covering(name('*'), parameters),
];

describe('NSEC', () => {
  it('of a delegation denies nothing below it, nor types at it other than DS (RFC 6840 §4.1)', () => {
    const proof = proofFrom('example.', 'sub NSEC @ NS RRSIG NSEC\n@ NSEC sub SOA NS RRSIG NSEC');
    expect(denyName(name('www.sub'), proof)).toMatchObject(UNPROVED);
    expect(denyType(name('www.sub'), Type.A, proof)).toMatchObject(UNPROVED);
    expect(denyDs(name('www.sub'), proof)).toMatchObject(UNPROVED);
    expect(denyType(name('sub'), Type.A, proof)).toMatchObject({
      because: "the NSEC of sub.example. in example. is a delegation's and cannot deny A",
    });
    expect(denyType(name('sub'), Type.DS, proof)).toEqual(PROVED);
    expect(denyCloserMatch(name('www.sub'), origin, proof)).toMatchObject(UNPROVED);
  });

  it('of a DNAME denies nothing below it (RFC 6840 §4.1), but types at it', () => {
    const proof = proofFrom('example.', 'old NSEC @ DNAME RRSIG NSEC\n@ NSEC old SOA NS RRSIG NSEC');
    expect(denyName(name('www.old'), proof)).toMatchObject(UNPROVED);
    expect(denyType(name('www.old'), Type.A, proof)).toMatchObject(UNPROVED);
    expect(denyType(name('old'), Type.A, proof)).toEqual(PROVED);
  });

  it('with CNAME denies no other type (RFC 6840 §4.3), yet is no zone cut', () => {
    const proof = proofFrom('example.', 'www NSEC @ CNAME RRSIG NSEC');
    expect(denyType(name('www'), Type.A, proof)).toMatchObject({ kind: 'unproved', ede: { code: 6 } });
    expect(denyType(name('www'), Type.CNAME, proof)).toMatchObject(UNPROVED);
    expect(denyDs(name('www'), proof)).toEqual({ kind: 'no-cut' });
  });

  it('without NS is no unsigned delegation (RFC 6840 §4.4)', () => {
    expect(denyDs(name('www'), proofFrom('example.', 'www NSEC @ A RRSIG NSEC'))).toEqual({ kind: 'no-cut' });
    expect(denyDs(name('www'), proofFrom('example.', 'www NSEC @ NS SOA RRSIG NSEC'))).toMatchObject(UNPROVED);
  });

  it('denies DS at the root, which has no parent', () => {
    const proof = proofFrom('.', '. NSEC aaa. NS SOA RRSIG NSEC DNSKEY');
    expect(denyType(ROOT, Type.DS, proof)).toEqual(PROVED);
    expect(denyDs(ROOT, proof)).toMatchObject(UNPROVED);
  });

  it('whose next name is outside the zone is no link of it (CVE-2026-13321)', () => {
    const proof = proofFrom('example.', '@ NSEC zzz.test. SOA NS RRSIG NSEC\nb NSEC test. A RRSIG NSEC');
    expect(denyName(name('www'), proof)).toMatchObject(UNPROVED);
    expect(denyType(name('b'), Type.TXT, proof)).toMatchObject(UNPROVED);
  });

  it('that goes back elsewhere than to the apex is no link of the chain', () => {
    expect(denyName(name('www'), proofFrom('example.', 'm NSEC b A RRSIG NSEC'))).toMatchObject(UNPROVED);
    expect(denyName(name('www'), proofFrom('example.', '@ NSEC @ SOA NS RRSIG NSEC'))).toEqual(PROVED);
  });

  it('of another zone or with more than one record at its owner is not looked at', () => {
    expect(denyName(name('www'), proofFrom('example.', 'test. NSEC zzz.test. A'))).toMatchObject(UNPROVED);
    const twice = proofFrom('example.', '@ NSEC @ SOA NS RRSIG NSEC\n@ NSEC b SOA NS RRSIG NSEC');
    expect(denyName(name('www'), twice)).toMatchObject(UNPROVED);
  });

  it('does not deny names outside its zone', () => {
    const proof = proofFrom('example.', '@ NSEC @ SOA NS RRSIG NSEC');
    for (const outside of ['www.test.', '.', String.raw`x\.example.`]) {
      expect(denyName(nameFromText(outside), proof)).toMatchObject(UNPROVED);
      expect(denyType(nameFromText(outside), Type.A, proof)).toMatchObject(UNPROVED);
      expect(denyDs(nameFromText(outside), proof)).toMatchObject(UNPROVED);
    }
  });

  it('with NXNAME is a whole name error (RFC 9824 §3.1)', () => {
    const proof = proofFrom('example.', String.raw`no NSEC \000.no RRSIG NSEC NXNAME`);
    expect(denyName(name('no'), proof)).toEqual(PROVED);
    expect(denyType(name('no'), Type.A, proof)).toEqual(PROVED);
    expect(denyType(name('no'), Type.DS, proof)).toEqual(PROVED);
    expect(denyDs(name('no'), proof)).toEqual({ kind: 'name-error' });
    expect(denyName(name('yes'), proof)).toMatchObject(UNPROVED);
    expect(denyName(name('x.no'), proof)).toMatchObject(UNPROVED);
  });

  it('without NXNAME that matches shows that the name exists', () => {
    const proof = proofFrom('example.', String.raw`ent NSEC \000.ent RRSIG NSEC`);
    expect(denyName(name('ent'), proof)).toMatchObject({ kind: 'unproved', ede: { code: 6 } });
    expect(denyType(name('ent'), Type.A, proof)).toEqual(PROVED);
  });

  it('at a wildcard that is an empty non-terminal: names it stands in for have no data (RFC 4592 §2.2.2)', () => {
    const proof = proofFrom('example.', '@ NSEC a.* SOA NS RRSIG NSEC\na.* NSEC @ A RRSIG NSEC');
    expect(denyType(name('x'), Type.A, proof)).toEqual(PROVED);
    expect(denyName(name('x'), proof)).toMatchObject(UNPROVED);
  });
});

describe('NSEC3', () => {
  it('proves a name error with the fewest hashes, each made once (CVE-2023-50868)', () => {
    const proof = proofFrom('example.', nameErrorOf('www').join('\n'));
    expect(denyName(name('www'), proof)).toEqual(PROVED);
    expect(proof.budget.used('nsec3Hashes')).toBe(3);
  });

  it('does not hash the labels someone makes up below a name that does not exist', () => {
    const proof = proofFrom('example.', nameErrorOf('www').join('\n'));
    const deep = nameFromLabels([...new Array<string>(100).fill('x'), 'www', 'example']);
    expect(denyName(deep, proof)).toEqual(PROVED);
    // The name itself, the apex, the next closer name, the wildcard.
    expect(proof.budget.used('nsec3Hashes')).toBe(4);
  });

  it('stops at the budget, and says so instead of judging', () => {
    for (const limit of [0, 1, 2]) {
      const budget = new HashBudget(limit);
      const proof = proofFrom('example.', nameErrorOf('www').join('\n'), { budget });
      expect(denyName(name('www'), proof)).toEqual({ kind: 'spent' });
      expect(budget).toMatchObject({ hashes: limit, refused: 1 });
    }
    const none = () => proofFrom('example.', nameErrorOf('www').join('\n'), { budget: new HashBudget(0) });
    expect(denyType(name('www'), Type.A, none())).toEqual({ kind: 'spent' });
    expect(denyDs(name('www'), none())).toEqual({ kind: 'spent' });
    expect(denyCloserMatch(name('www'), origin, none())).toEqual({ kind: 'spent' });
  });

  it('with more iterations than allowed is insecure, without a hash (RFC 9276 §3.2)', () => {
    const text = nameErrorOf('www', '1 0 51 -').join('\n');
    const proof = proofFrom('example.', text, { maxIterations: 50 });
    for (const outcome of [denyName(name('www'), proof), denyDs(name('www'), proof)]) {
      expect(outcome).toMatchObject({
        kind: 'insecure',
        ede: { code: 27, text: 'example. has 51 NSEC3 iterations, more than 50' },
      });
    }
    expect(proof.budget.used('nsec3Hashes')).toBe(0);
  });

  it('beside records that may be used, too many iterations are no way to be insecure', () => {
    const text = [matching(name('www'), 'A', '1 0 51 -'), ...nameErrorOf('www').slice(0, 2)].join('\n');
    expect(denyName(name('www'), proofFrom('example.', text))).toMatchObject(UNPROVED);
  });

  it('of unknown algorithm or flags is ignored (RFC 5155 §8.1, §8.2)', () => {
    for (const parameters of ['2 0 0 -', '1 2 0 -', '1 3 0 -', '0 0 0 -']) {
      const proof = proofFrom('example.', nameErrorOf('www', parameters).join('\n'));
      expect(denyName(name('www'), proof)).toMatchObject({
        kind: 'unproved',
        because: 'no usable NSEC or NSEC3 record of example. came with the denial of www.example.',
      });
      expect(proof.budget.used('nsec3Hashes')).toBe(0);
    }
  });

  it('of different chains does not make one proof (RFC 5155 §8.2)', () => {
    const salted = around(name('*'), octetsFromHex('ab')!);
    const wildcard = `${salted.before} NSEC3 1 0 0 ab ${salted.after} A RRSIG`;
    const proof = proofFrom('example.', [...nameErrorOf('www').slice(0, 2), wildcard].join('\n'));
    expect(denyName(name('www'), proof)).toMatchObject(UNPROVED);
    expect(denyName(name('www'), proofFrom('example.', [wildcard, ...nameErrorOf('www')].join('\n')))).toEqual(PROVED);
  });

  it('whose owner is not one hash directly below the apex is ignored (CVE-2026-10723)', () => {
    const [apex, cover, wildcard] = nameErrorOf('www') as [string, string, string];
    const moved = [apex, cover.replace(' ', '.sub '), wildcard].join('\n');
    expect(denyName(name('www'), proofFrom('example.', moved))).toMatchObject(UNPROVED);
    const bad = [apex, `${'w'.repeat(32)}${cover.slice(32)}`, wildcard].join('\n');
    expect(denyName(name('www'), proofFrom('example.', bad))).toMatchObject(UNPROVED);
    const short = [apex, cover.slice(1), wildcard].join('\n');
    expect(denyName(name('www'), proofFrom('example.', short))).toMatchObject(UNPROVED);
  });

  it('with a salt above 64 octets is not used (CVE-2026-1519)', () => {
    const salt = (octets: number): DenialProof => {
      const value = 'ab'.repeat(octets);
      const owner = label(origin, octetsFromHex(value)!);
      return proofFrom('example.', `${owner} NSEC3 1 0 0 ${value} ${around(origin).after} SOA NS`);
    };
    expect(denyType(origin, Type.A, salt(64))).toEqual(PROVED);
    expect(denyType(origin, Type.A, salt(65))).toMatchObject(UNPROVED);
  });

  it('of a delegation or a DNAME is no closest encloser (RFC 5155 §8.3)', () => {
    for (const types of ['NS', 'NS DS RRSIG', 'DNAME RRSIG']) {
      const records = [matching(name('sub'), types), covering(name('www.sub')), covering(name('*.sub'))];
      const proof = proofFrom('example.', records.join('\n'));
      expect(denyName(name('www.sub'), proof)).toMatchObject(UNPROVED);
      expect(denyDs(name('www.sub'), proof)).toMatchObject(UNPROVED);
    }
  });

  it('of a delegation denies only DS, of the apex everything else', () => {
    const proof = proofFrom('example.', [matching(name('sub'), 'NS'), matching(origin, 'NS SOA')].join('\n'));
    expect(denyType(name('sub'), Type.A, proof)).toMatchObject(UNPROVED);
    expect(denyType(name('sub'), Type.DS, proof)).toEqual(PROVED);
    expect(denyDs(name('sub'), proof)).toEqual({ kind: 'insecure-delegation' });
    expect(denyType(origin, Type.DS, proof)).toMatchObject(UNPROVED);
    expect(denyType(origin, Type.A, proof)).toEqual(PROVED);
  });

  it('covers, without opt-out, no unsigned delegation', () => {
    expect(denyDs(name('www'), proofFrom('example.', nameErrorOf('www').join('\n')))).toEqual({ kind: 'name-error' });
    const optOut = proofFrom('example.', nameErrorOf('www', '1 1 0 -').join('\n'));
    expect(denyDs(name('www'), optOut)).toEqual({ kind: 'insecure-delegation' });
    expect(denyName(name('www'), optOut)).toEqual({ kind: 'proved', optOut: true });
    const noWildcard = proofFrom('example.', nameErrorOf('www').slice(0, 2).join('\n'));
    expect(denyDs(name('www'), noWildcard)).toMatchObject(UNPROVED);
  });

  it('with NXNAME is a whole name error (RFC 9824 §3.1)', () => {
    const proof = proofFrom('example.', matching(name('no'), 'NXNAME RRSIG'));
    expect(denyName(name('no'), proof)).toEqual(PROVED);
    expect(denyDs(name('no'), proof)).toEqual({ kind: 'name-error' });
  });

  it('alone in its chain covers everything but its own name', () => {
    const alone = `${label(origin)} NSEC3 1 0 0 - ${label(origin)} SOA NS`;
    expect(denyName(name('www'), proofFrom('example.', alone))).toEqual(PROVED);
    expect(denyName(origin, proofFrom('example.', alone))).toMatchObject(UNPROVED);
  });

  it('helps out where NSEC records of the zone prove nothing', () => {
    const text = ['b NSEC c A RRSIG NSEC', ...nameErrorOf('www')].join('\n');
    expect(denyName(name('www'), proofFrom('example.', text))).toEqual(PROVED);
  });
});

describe('any proof', () => {
  it('is looked at up to 16 RRsets', () => {
    const noise: RRset[] = Array.from({ length: 16 }, (_, at) => ({
      name: name(`x${at}`),
      type: Type.NSEC,
      ttl: 300,
      rdatas: ['junk' as Octets],
      signatures: [],
    }));
    const good = proofFrom('example.', '@ NSEC @ SOA NS RRSIG NSEC');
    expect(denyName(name('www'), { ...good, rrsets: [...noise.slice(1), ...good.rrsets] })).toEqual(PROVED);
    expect(denyName(name('www'), { ...good, rrsets: [...noise, ...good.rrsets] })).toMatchObject(UNPROVED);
  });

  it('without records is unproved, with EDE 12', () => {
    const empty = proofFrom('example.', '');
    expect(denyName(name('www'), empty)).toMatchObject({ kind: 'unproved', ede: { code: 12 } });
    expect(denyDs(name('www'), empty)).toMatchObject({ kind: 'unproved', ede: { code: 12 } });
  });

  it('for a wildcard that is not above the name, or not in the zone, is refused', () => {
    const proof = proofFrom('example.', '@ NSEC @ SOA NS RRSIG NSEC');
    for (const encloser of [name('www'), name('sub'), ROOT]) {
      expect(denyCloserMatch(name('www'), encloser, proof)).toMatchObject({ kind: 'unproved', ede: { code: 6 } });
    }
  });
});
