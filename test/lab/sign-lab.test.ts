/** A chain of trust through a lab's zones, and every fault: broken where it says, and nowhere else. */
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { type DomainName, nameToText, ROOT } from '../../src/dns/name.js';
import { Type } from '../../src/dns/numbers.js';
import type { Octets } from '../../src/dns/octets.js';
import type { RRset } from '../../src/dns/rrset.js';
import { parseLabMap } from '../../src/lab/lab-map.js';
import { readLab } from '../../src/lab/read-lab.js';
import { type SigningPlan, signLab } from '../../src/lab/sign-lab.js';
import { BUILT_IN_LAB } from '../../src/lab/start-lab.js';
import type { Zone } from '../../src/lab/zone.js';
import { ZONE_FAULTS, type ZoneFault } from '../../src/lab/zone-faults.js';
import { ask, zone } from './ask-zones.js';
import { isSigned, readKey, readSignature } from './check-signatures.js';

const NOW = 1_790_000_000;
const SOUND: SigningPlan = { algorithm: 13, keys: 'split', denial: { kind: 'nsec' } };

const ZONES = new Map([
  ['root', zone('. 60 SOA a. b. 1 2 3 4 60\n. 60 NS a.\ntest. 120 NS a.test.\na.test. 60 A 192.0.2.1', '.')],
  [
    'test',
    zone(
      '@ 60 SOA a b 1 2 3 4 60\n@ 60 NS a\na 60 A 192.0.2.1\nchild 60 NS a\nunsigned 60 NS a\n*.w 60 TXT w',
      'test.',
    ),
  ],
  ['child', zone('@ 60 SOA a.test. b 1 2 3 4 60\n@ 60 NS a.test.\nwww 60 A 192.0.2.8\nwww 60 TXT w', 'child.test.')],
  ['unsigned', zone('@ 60 SOA a.test. b 1 2 3 4 60\n@ 60 NS a.test.\nwww 60 A 192.0.2.9', 'unsigned.test.')],
]);

/** Whether a DS record of the parent is the SHA-256 of one of the zone's keys that has signed the DNSKEY RRset. */
function isTrusted(of: Zone, ds: readonly Octets[]): boolean {
  const keys = of.rrset(of.apex, Type.DNSKEY);
  if (keys === undefined || !isSigned(of, keys)) return false;
  const signers = keys.signatures.map((rdata) => readSignature(rdata).tag);
  return ds.some((rdata) => {
    const key = keys.rdatas.find((each) => readKey(each).tag === Buffer.from(rdata, 'latin1').readUInt16BE(0));
    if (key === undefined || !signers.includes(readKey(key).tag)) return false;
    const digest = createHash('sha256').update(of.apex, 'latin1').update(key, 'latin1').digest('binary');
    return rdata.slice(2) === `${key[3]}\x02${digest}`;
  });
}

const isValid = (rrset: RRset): boolean =>
  rrset.signatures.every((rdata) => readSignature(rdata).inception <= NOW && readSignature(rdata).expiration >= NOW);

describe('a chain of trust', () => {
  const plans = { root: SOUND, test: { ...SOUND, algorithm: 15, keys: 'csk' }, child: SOUND } as const;
  const { zones, ds } = signLab(ZONES, plans, NOW);

  test('the DS records of signed children are in their parents, signed, as long-lived as the delegation', () => {
    for (const [parent, child] of [
      ['root', 'test'],
      ['test', 'child'],
    ] as const) {
      const rrset = zones.get(parent)!.rrset(zones.get(child)!.apex, Type.DS)!;
      expect(isSigned(zones.get(parent)!, rrset)).toBe(true);
      expect(isTrusted(zones.get(child)!, rrset.rdatas), child).toBe(true);
      expect(rrset.ttl).toBe(parent === 'root' ? 120 : 60);
    }
  });

  test('the root’s DS is the trust anchor; a zone without a plan stays as it is', () => {
    expect(isTrusted(zones.get('root')!, ds.get(ROOT)!)).toBe(true);
    expect(zones.get('unsigned')).toBe(ZONES.get('unsigned'));
    expect(zones.get('test')!.rrset(ZONES.get('unsigned')!.apex, Type.DS)).toBeUndefined();
  });

  test('replies with DO are complete', () => {
    const test = [zones.get('test')!];
    const types = (question: string): string[] =>
      ask(test, question, true).map((line) => line.replace(/^(\w+) (\S+) \d+ IN (RRSIG )?(\w+).*/, '$1 $2 $3$4'));
    expect(types('a.test. A')).toEqual(['NOERROR aa', 'answer a.test. A', 'answer a.test. RRSIG A']);
    expect(types('x.w.test. TXT')).toEqual([
      'NOERROR aa',
      'answer x.w.test. TXT',
      'answer x.w.test. RRSIG TXT',
      'authority *.w.test. NSEC',
      'authority *.w.test. RRSIG NSEC',
    ]);
    const soa = ['authority test. SOA', 'authority test. RRSIG SOA'];
    expect(types('a.test. TXT')).toEqual([
      'NOERROR aa',
      ...soa,
      'authority a.test. NSEC',
      'authority a.test. RRSIG NSEC',
    ]);
    expect(types('b.test. A')).toEqual([
      'NXDOMAIN aa',
      ...soa,
      'authority a.test. NSEC',
      'authority a.test. RRSIG NSEC',
      'authority test. NSEC',
      'authority test. RRSIG NSEC',
    ]);
    expect(types('www.child.test. A').slice(0, 4)).toEqual([
      'NOERROR',
      'authority child.test. NS',
      'authority child.test. DS',
      'authority child.test. RRSIG DS',
    ]);
    expect(types('www.unsigned.test. A').slice(0, 4)).toEqual([
      'NOERROR',
      'authority unsigned.test. NS',
      'authority unsigned.test. NSEC',
      'authority unsigned.test. RRSIG NSEC',
    ]);
    expect(ask(test, 'a.test. A')).toHaveLength(2);
  });

  test('a zone signed twice is an error that names its file', () => {
    expect(() => signLab(zones, { child: SOUND }, NOW)).toThrow(/^child: the zone is already signed$/);
  });
});

/** What holds of a zone: its keys are trusted, each RRset is signed and in its time, denials are there. */
interface Verdict {
  readonly trusted: boolean;
  readonly address: boolean;
  readonly text: boolean;
  readonly valid: boolean;
  readonly proof: boolean;
}

const GOOD: Verdict = { trusted: true, address: true, text: true, valid: true, proof: true };

describe('faults', () => {
  const EXPECTED: Readonly<Record<ZoneFault, Partial<Verdict>>> = {
    expired: { valid: false },
    notYetValid: { valid: false },
    wrongKey: { address: false, text: false },
    unpublishedKey: { address: false, text: false },
    wrongSigner: { address: false, text: false },
    altered: { address: false },
    signaturesStripped: { address: false, text: false },
    neverSigned: { trusted: false, address: false, text: false, proof: false },
    noProof: { proof: false },
    dsOfAnotherKey: { trusted: false },
    dsWrongDigest: { trusted: false },
    unknownAlgorithm: { trusted: false },
    unknownDigest: { trusted: false },
  };
  const www = '\x03www\x05child\x04test\0' as DomainName;

  function judge(plan: SigningPlan): { verdict: Verdict; child: Zone; ds: readonly Octets[] } {
    const { zones } = signLab(ZONES, { test: SOUND, child: plan }, NOW);
    const child = zones.get('child')!;
    const ds = zones.get('test')!.rrset(child.apex, Type.DS)!;
    expect(isSigned(zones.get('test')!, ds)).toBe(true);
    const verdict = {
      trusted: isTrusted(child, ds.rdatas),
      address: isSigned(child, child.rrset(www, Type.A)!),
      text: isSigned(child, child.rrset(www, Type.TXT)!),
      valid: [...child.rrsets()].every(isValid),
      proof: child.denials.length > 0,
    };
    return { verdict, child, ds: ds.rdatas };
  }

  test('none', () => expect(judge(SOUND).verdict).toEqual(GOOD));

  test.each(ZONE_FAULTS)('%s', (fault) => {
    for (const keys of ['split', 'csk'] as const) {
      for (const denial of [
        SOUND.denial,
        { kind: 'nsec3', iterations: 0, salt: '' as Octets, optOut: false } as const,
      ]) {
        expect(judge({ ...SOUND, keys, denial, fault }).verdict).toEqual({ ...GOOD, ...EXPECTED[fault] });
      }
    }
  });

  test('expired and not yet valid by more than a validator forgives', () => {
    const times = (fault: ZoneFault): { inception: number; expiration: number } =>
      readSignature(judge({ ...SOUND, fault }).child.soa!.signatures[0]!);
    expect(times('expired').expiration).toBeLessThan(NOW - 86_400);
    expect(times('expired').inception).toBeLessThan(times('expired').expiration);
    expect(times('notYetValid').inception).toBeGreaterThan(NOW + 86_400);
  });

  test('a wrong key is a signature that names the right one; an unpublished key is named by its own tag', () => {
    const tagAndKeys = (fault: ZoneFault): [number, number[]] => {
      const { child } = judge({ ...SOUND, fault });
      const keys = child.rrset(child.apex, Type.DNSKEY)!.rdatas.map((rdata) => readKey(rdata).tag);
      return [readSignature(child.soa!.signatures[0]!).tag, keys];
    };
    const [named, keys] = tagAndKeys('wrongKey');
    expect(keys).toContain(named);
    const [unknown, published] = tagAndKeys('unpublishedKey');
    expect(published).not.toContain(unknown);
  });

  test('DS records nobody understands differ from sound ones in one number', () => {
    expect(judge({ ...SOUND, fault: 'unknownAlgorithm' }).ds.map((rdata) => rdata.charCodeAt(2))).toEqual([200]);
    expect(judge({ ...SOUND, fault: 'unknownDigest' }).ds.map((rdata) => rdata.charCodeAt(3))).toEqual([200]);
  });

  test('a wrong signer is the parent', () => {
    const { child } = judge({ ...SOUND, fault: 'wrongSigner' });
    expect(readSignature(child.soa!.signatures[0]!).signer).toBe('test.');
  });
});

describe('the built-in lab', async () => {
  const { readFileSync } = await import('node:fs');
  const map = parseLabMap(readFileSync(`${BUILT_IN_LAB}lab.yaml`, 'utf8'), 'lab.yaml');
  const lab = await readLab(BUILT_IN_LAB, NOW);
  const zones = new Map(
    lab.servers.flatMap((server, i) => server.zones.map((each, j) => [map.servers[i]!.zones[j]!, each] as const)),
  );
  const sound = Object.entries(map.dnssec).filter(([, plan]) => plan.fault === undefined);

  test('has a trust anchor for its root', () => {
    expect(lab.trustAnchors).toEqual([expect.stringMatching(/^\. IN DS \d+ 13 2 [0-9A-F]{64}$/i)]);
  });

  test.each(sound.map(([file]) => file))('%s is signed, and its parent vouches for it', (file) => {
    const of = zones.get(file)!;
    const unsigned = [...of.rrsets()].filter((rrset) => rrset.signatures.length === 0);
    for (const rrset of unsigned) expect(of.locate(rrset.name).kind, nameToText(rrset.name)).not.toBe('node');
    for (const rrset of of.rrsets()) {
      expect(isValid(rrset)).toBe(true);
      // This one has capitals in its RDATA: sign-zone.test.ts checks such.
      if (rrset.signatures.length === 0 || nameToText(rrset.name) === 'mixed.escapes.org.') continue;
      expect(isSigned(of, rrset), nameToText(rrset.name)).toBe(true);
    }
    const parent = [...zones.values()].find((each) => each !== of && each.rrset(of.apex, Type.NS) !== undefined);
    if (of.apex !== ROOT) expect(isTrusted(of, parent!.rrset(of.apex, Type.DS)!.rdatas)).toBe(true);
  });

  test('has a zone for every algorithm and every fault', () => {
    const plans = Object.values(map.dnssec);
    expect(new Set(sound.map(([, plan]) => plan.algorithm))).toEqual(new Set([8, 10, 13, 14, 15, 16]));
    expect(
      plans
        .map((plan) => plan.fault)
        .filter((fault) => fault !== undefined)
        .sort(),
    ).toEqual([...ZONE_FAULTS].sort());
  });
});
