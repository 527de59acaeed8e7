/** Do real signatures verify, and does any change to what they cover make them fail? */
import { describe, expect, it } from 'vitest';
import { dnskeyOf, type Rrsig, rrsigOf } from '../../src/dns/dnssec-rdata.js';
import { nameAt, nameToText, ROOT } from '../../src/dns/name.js';
import { Type, typeToText } from '../../src/dns/numbers.js';
import type { Octets } from '../../src/dns/octets.js';
import { groupRecords, type RRset } from '../../src/dns/rrset.js';
import { parseMasterFile } from '../../src/presentation/master-file.js';
import { Algorithms } from '../../src/validator/algorithms.js';
import { signedData, signedLabelCount } from '../../src/validator/signed-data.js';
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

  /**
   * The parts of a triple, each as octets to flip a bit in. Bits that do not matter, and why:
   *   the case of letters in the signer's name, the owner name and names inside RDATA (RFC 4034 §6.2);
   *   the TTL received, which caches count down: the original one of the RRSIG is signed in its place.
   * Flags and protocol of a key are no part of the mathematics: they are judged by the whole verdict, as its tag is.
   */
  interface Part {
    readonly octets: Octets;
    readonly from: number;
    readonly to: number;
    readonly put: (octets: Octets) => Triple | undefined;
    readonly stands: (triple: Triple) => boolean;
  }

  function partsOf(triple: Triple): Record<string, Part> {
    const { signature, key, owner } = triple;
    const rrsig = rrsigOf(signature)!;
    const start = signature.length - rrsig.signature.length;
    const whole = (one: Triple) => dnskeyOf(one.key) !== undefined && verdictOf(one).kind === 'secure';
    const inSignature = (from: number, to: number): Part => ({
      octets: signature,
      from,
      to,
      put: (octets) => ({ ...triple, signature: octets }),
      stands: holds,
    });
    const record = triple.rdatas.length >> 1;
    return {
      signature: inSignature(start, signature.length),
      fields: inSignature(0, 18),
      signer: inSignature(18, start),
      key: { octets: key, from: 4, to: key.length, put: (octets) => ({ ...triple, key: octets }), stands: holds },
      flags: { octets: key, from: 0, to: 4, put: (octets) => ({ ...triple, key: octets }), stands: whole },
      data: {
        octets: triple.rdatas[record]!,
        from: 0,
        to: triple.rdatas[record]!.length,
        put: (octets) => ({ ...triple, rdatas: triple.rdatas.map((rdata, at) => (at === record ? octets : rdata)) }),
        stands: holds,
      },
      owner: {
        octets: owner,
        from: 0,
        to: owner.length - 1,
        // Below *, RFC 4035 §5.3.2 signs the wildcard: the labels it stands in for are free.
        put: (octets) => {
          const name = rrsig.labels < signedLabelCount(owner) ? undefined : nameAt(octets, 0);
          return name?.length === octets.length ? { ...triple, owner: name } : undefined;
        },
        stands: holds,
      },
    };
  }

  /** What a flip leaves standing although it should not: undefined when all is well, or when there is nothing to flip. */
  function survives(triple: Triple, { octets, put, stands }: Part, bit: number): boolean {
    const changed = put(flipBit(octets, bit));
    return changed !== undefined && !isSame(changed, triple) && stands(changed);
  }

  /** Whether the two differ in nothing but the case of letters in names. */
  function isSame(a: Triple, b: Triple): boolean {
    const signer = (triple: Triple) => rrsigOf(triple.signature)?.signer;
    const rest = (triple: Triple) => {
      const { length } = rrsigOf(triple.signature)?.signer ?? '';
      return triple.signature.slice(0, 18) + triple.signature.slice(18 + length);
    };
    const data = (triple: Triple) => canonicalRdatas(triple.type, triple.rdatas).join();
    return (
      a.owner === b.owner && a.key === b.key && signer(a) === signer(b) && rest(a) === rest(b) && data(a) === data(b)
    );
  }

  it('one bit changed in any part of any of them makes it fail', () => {
    const survivors: string[] = [];
    let flips = 0;
    all.forEach((triple, index) => {
      for (const [what, part] of Object.entries(partsOf(triple))) {
        const bits = (part.to - part.from) * 8;
        if (bits === 0) continue;
        const bit = part.from * 8 + ((index * 7919) % bits);
        // Where that one is but the case of a letter, its neighbour.
        for (const one of [bit, bit ^ 1]) {
          flips++;
          if (survives(triple, part, one)) survivors.push(`bit ${one} of ${what} of triple ${index}`);
        }
      }
    });
    expect(survivors).toEqual([]);
    expect(flips).toBeGreaterThan(1766 * 12);
  });

  const firstOfEach = [...new Map(all.map((triple) => [rrsigOf(triple.signature)!.algorithm, triple])).entries()];
  it.each(firstOfEach)('every bit of every part of one of algorithm %i counts', (_, triple) => {
    const survivors: string[] = [];
    for (const [what, part] of Object.entries(partsOf(triple))) {
      for (let bit = part.from * 8; bit < part.to * 8; bit++) {
        if (survives(triple, part, bit)) survivors.push(`bit ${bit} of ${what}`);
      }
    }
    expect(holds(triple)).toBe(true);
    expect(survivors).toEqual([]);
  });

  it('the case of names and the TTL received do not count', () => {
    // RDATA that begins with a name, whose first letter is written the other way.
    const named = [Type.SOA, Type.CNAME, Type.NS, Type.PTR] as readonly number[];
    const triple = all.find(({ type, rdatas }) => named.includes(type) && /^.[a-z]/s.test(rdatas[0]!))!;
    const [first, ...rest] = triple.rdatas as [Octets, ...Octets[]];
    const upper = { ...triple, ttl: 1, rdatas: [flipBit(first, 8 + 5), ...rest] };
    expect(upper.rdatas).not.toEqual(triple.rdatas);
    expect([isSame(upper, triple), holds(upper), verdictOf(upper).kind]).toEqual([true, true, 'secure']);
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
