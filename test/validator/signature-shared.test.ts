/** Do real signatures verify, and does any change to what they cover make them fail? */
import { describe, expect, it } from 'vitest';
import { dnskeyOf, type Rrsig, rrsigOf } from '../../src/dns/dnssec-rdata.js';
import { nameToText, ROOT } from '../../src/dns/name.js';
import { Type, typeToText } from '../../src/dns/numbers.js';
import type { Octets } from '../../src/dns/octets.js';
import { groupRecords, type RRset } from '../../src/dns/rrset.js';
import { parseMasterFile } from '../../src/presentation/master-file.js';
import { Algorithms } from '../../src/validator/algorithms.js';
import { signedData } from '../../src/validator/signed-data.js';
import { verifyRrset } from '../../src/validator/verify-rrset.js';
import { verifySignature } from '../../src/validator/verify-signature.js';
import { canonicalRdatas } from '../../src/wire/canonical.js';
import {
  CountingBudget,
  hasSharedData,
  needsSharedData,
  readShared,
  type Triple,
  triples,
} from './signature-triples.js';

const algorithms = new Algorithms([]);

function verdictOf(triple: Triple) {
  const { owner: name, type, ttl, rdatas } = triple;
  const rrsig = rrsigOf(triple.signature)!;
  const rrset: RRset = { name, type, ttl, rdatas, signatures: [triple.signature] };
  const key = dnskeyOf(triple.key)!;
  return verifyRrset(rrset, rrsig.signer, [key], middleOf(rrsig), new CountingBudget(), algorithms);
}

const middleOf = (rrsig: Rrsig) => Math.floor((rrsig.inception + rrsig.expiration) / 2);

/** The mathematics alone: with the key as given, whatever its tag. */
function holds(triple: Triple): boolean {
  const rrsig = rrsigOf(triple.signature);
  const key = dnskeyOf(triple.key);
  if (rrsig === undefined || key === undefined) return false;
  const data = signedData(rrsig, triple.owner, triple.type, canonicalRdatas(triple.type, triple.rdatas));
  return verifySignature(key, rrsig.signature, data) === 'valid';
}

function flipBit(octets: Octets, bit: number): Octets {
  const bytes = Buffer.from(octets, 'latin1');
  bytes[bit >>> 3]! ^= 1 << (bit & 7);
  return bytes.toString('latin1') as Octets;
}

describe.skipIf(!hasSharedData)(`signature triples of the shared data${needsSharedData}`, () => {
  const all = ['dnssec-verify-1.json.gz', 'dnssec-verify-3.json.gz', 'dnssec-verify-4.json.gz'].flatMap((file) =>
    hasSharedData ? triples(file) : [],
  );

  it('all 1,766 verify', () => {
    const failed = all.filter((triple) => verdictOf(triple).kind !== 'secure');
    expect(failed.map((triple) => `${nameToText(triple.owner)} ${typeToText(triple.type)}`)).toEqual([]);
    expect(all).toHaveLength(1766);
  });

  // Each triple gives three bits: over all of them every region of signature, key and data is hit many times.
  it('one bit changed in signature, key or data makes any of them fail', () => {
    const survivors: string[] = [];
    all.forEach((triple, index) => {
      const pick = (octets: Octets, from: number) => from * 8 + ((index * 7919) % ((octets.length - from) * 8));
      const rrsig = rrsigOf(triple.signature)!;
      const start = triple.signature.length - rrsig.signature.length;
      const changed: [string, Triple][] = [
        ['signature', { ...triple, signature: flipBit(triple.signature, pick(triple.signature, start)) }],
        ['key', { ...triple, key: flipBit(triple.key, pick(triple.key, 4)) }],
        ['data', { ...triple, rdatas: withFlippedBit(triple, pick) }],
      ];
      for (const [what, one] of changed) if (holds(one)) survivors.push(`${what} of triple ${index}`);
    });
    expect(survivors).toEqual([]);
  });

  function withFlippedBit(triple: Triple, pick: (octets: Octets, from: number) => number): Octets[] {
    const [first, ...rest] = triple.rdatas as [Octets, ...Octets[]];
    const flipped = flipBit(first, pick(first, 0));
    // The case of letters in names is no part of what is signed (RFC 4034 §6.2): then the bit beside it.
    const same = canonicalRdatas(triple.type, [flipped])[0] === canonicalRdatas(triple.type, [first])[0];
    return [same ? flipBit(first, pick(first, 0) ^ 1) : flipped, ...rest];
  }

  it('every bit of the fixed fields of one RRSIG counts', () => {
    const triple = all.at(-1)!;
    expect(holds(triple)).toBe(true);
    const survivors: number[] = [];
    for (let bit = 0; bit < 18 * 8; bit++) {
      if (holds({ ...triple, signature: flipBit(triple.signature, bit) })) survivors.push(bit);
    }
    expect(survivors).toEqual([]);
  });
});

describe.skipIf(!hasSharedData)(`signed zones of the shared data${needsSharedData}`, () => {
  function judged(path: string, now: number | undefined) {
    const { records, problems } = parseMasterFile(readShared(path));
    expect(problems).toEqual([]);
    const sets = groupRecords(records);
    const keySet = sets.find((set) => set.type === Type.DNSKEY)!;
    const keys = keySet.rdatas.map((rdata) => dnskeyOf(rdata)!);
    // Each signature for itself, lest one that holds hide one that does not.
    const signed = sets.flatMap((set) => set.signatures.map((signature) => ({ ...set, signatures: [signature] })));
    const verdicts = signed.map((set) => {
      const at = now ?? middleOf(rrsigOf(set.signatures[0]!)!);
      return { set, verdict: verifyRrset(set, keySet.name, keys, at, new CountingBudget(), algorithms) };
    });
    return { sets, signed, verdicts };
  }

  it.each(['dnssec/ed25519-test.zone', 'dnssec/ed448-test.zone'])('%s verifies', (path) => {
    const { verdicts } = judged(path, undefined);
    expect(verdicts.map(({ verdict }) => verdict.kind)).toEqual(['secure']);
  });

  it('the root zone of 2023-11-05: each of its 2,813 signatures verifies at that date', () => {
    const { signed, verdicts } = judged('root/root.zone.2023-11-05.signed.gz', Date.UTC(2023, 10, 5, 12) / 1000);
    expect(signed).toHaveLength(2813);
    const failed = verdicts.filter(({ verdict }) => verdict.kind !== 'secure');
    expect(failed.map(({ set, verdict }) => [nameToText(set.name), typeToText(set.type), verdict])).toEqual([]);
  });

  it('the same zone twenty days later: every signature has expired, and the reason says so', () => {
    const { verdicts } = judged('root/root.zone.2023-11-05.signed.gz', Date.UTC(2023, 11, 25) / 1000);
    const kinds = new Set(verdicts.map(({ verdict }) => (verdict.kind === 'bogus' ? verdict.ede.code : verdict.kind)));
    expect(kinds).toEqual(new Set([7]));
    const soa = verdicts.find(({ set }) => set.name === ROOT && set.type === Type.SOA)!.verdict;
    expect(soa).toMatchObject({
      because: 'the RRSIG of . SOA by key 46780 of ., RSASHA256 (8), expired at 2023-11-18T05:00:00Z',
    });
  });
});
