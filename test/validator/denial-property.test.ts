/** Of random zones: every true denial is proved by the fewest records, and nothing that exists is denied by any of them. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DomainName, isBelow, labelCount, lastLabels, nameToText, prepend } from '../../src/dns/name.js';
import { Type } from '../../src/dns/numbers.js';
import type { RRset } from '../../src/dns/rrset.js';
import {
  type Denial,
  type DenialProof,
  denyCloserMatch,
  denyDs,
  denyName,
  denyType,
} from '../../src/validator/denial.js';
import { APEX, anyZone, type Chain, type ModelZone, nsec3Chain, nsecChain, POOL } from './denial-model.js';
import { HashBudget } from './denial-records.js';

const TYPES = [Type.A, Type.TXT, Type.DS];

interface Signed {
  readonly zone: ModelZone;
  readonly chain: Chain;
  readonly hashed: boolean;
  readonly optOut: boolean;
}

const anySigned: fc.Arbitrary<Signed> = fc
  .tuple(anyZone, fc.constantFrom('nsec', 'nsec3', 'opt-out'))
  .map(([zone, how]) => {
    const optOut = how === 'opt-out';
    const chain = how === 'nsec' ? nsecChain(zone) : nsec3Chain(zone, optOut);
    return { zone, chain, hashed: how !== 'nsec', optOut };
  });

function proofOf(rrsets: readonly RRset[]): DenialProof & { budget: HashBudget } {
  return { zone: APEX, rrsets: [...new Set(rrsets)], budget: new HashBudget(), maxIterations: 50 };
}

/** The longest ancestor-or-self that has a record in the chain: RFC 5155 §1.3, closest provable encloser. */
function provable({ chain }: Signed, name: DomainName): DomainName {
  for (let labels = labelCount(name); ; labels--) {
    const at = lastLabels(name, labels);
    if (chain.has(at)) return at;
  }
}

function nextCloser(name: DomainName, encloser: DomainName): DomainName {
  return lastLabels(name, labelCount(encloser) + 1);
}

/** The records that deny a name, and its encloser: RFC 4035 §3.1.3.2, RFC 5155 §7.2.1. */
function absenceRecords(signed: Signed, name: DomainName): { records: RRset[]; encloser: DomainName } {
  const { chain, zone, hashed } = signed;
  if (!hashed) return { records: [chain.cover(name)], encloser: zone.closestEncloser(name) };
  const encloser = provable(signed, name);
  return { records: [chain.match(encloser), chain.cover(nextCloser(name, encloser))], encloser };
}

/** What an authoritative server would send: RFC 4035 §3.1.3, RFC 5155 §7.2. */
function fewest(signed: Signed, name: DomainName, truth: 'nodata' | 'nxdomain'): RRset[] {
  const { chain, zone, optOut } = signed;
  const matchOrCover = (at: DomainName) => (chain.has(at) ? chain.match(at) : chain.cover(at));
  const unsigned = optOut && zone.names.has(name) && !chain.has(name);
  if (zone.names.has(name) && !unsigned) return [matchOrCover(name)];
  const { records, encloser } = absenceRecords(signed, name);
  if (unsigned && truth === 'nodata') return records;
  return [...records, matchOrCover(prepend('*', encloser)!)];
}

/** In an opt-out chain a name that is not in it may be there unsigned. */
function mayBeUnsigned(signed: Signed, name: DomainName): boolean {
  const encloser = provable(signed, name);
  return signed.optOut && encloser !== name && !signed.zone.hidesBelow(encloser);
}

function fails(what: string, name: DomainName): never {
  throw new Error(`${what}: ${nameToText(name)}`);
}

describe('completeness', () => {
  it('proves every true denial by the records a server sends for it', () => {
    fc.assert(
      fc.property(anySigned, (signed) => {
        for (const name of POOL) for (const type of TYPES) checkProved(signed, name, type);
      }),
      { numRuns: 80 },
    );
  });

  it('proves every wildcard answer', () => {
    fc.assert(
      fc.property(anySigned, (signed) => {
        for (const name of POOL) {
          if (signed.zone.names.has(name) || signed.zone.truth(name, Type.A) !== 'data') continue;
          const { records, encloser } = absenceRecords(signed, name);
          const denial = denyCloserMatch(name, encloser, proofOf(records.slice(-1)));
          if (denial.kind !== 'proved' || denial.optOut !== signed.optOut) fails(JSON.stringify(denial), name);
        }
      }),
      { numRuns: 60 },
    );
  });
});

/** RFC 5155 cannot deny a name below an empty non-terminal left out by opt-out beside a wildcard that is in the chain. */
function isBeyondProof(signed: Signed, name: DomainName): boolean {
  return signed.optOut && signed.chain.has(prepend('*', provable(signed, name))!);
}

function checkProved(signed: Signed, name: DomainName, type: number): void {
  const truth = signed.zone.truth(name, type);
  if (truth !== 'nodata' && truth !== 'nxdomain') return;
  // DS at the apex is the parent's to deny.
  if (type === Type.DS && name === APEX) return;
  if (truth === 'nxdomain' && isBeyondProof(signed, name)) return;
  const proof = proofOf(fewest(signed, name, truth));
  const denial = truth === 'nodata' ? denyType(name, type, proof) : denyName(name, proof);
  const optOut = signed.optOut && !signed.chain.has(name);
  if (denial.kind !== 'proved' || denial.optOut !== optOut) fails(`${truth} ${JSON.stringify(denial)}`, name);
  // Each ancestor up to the apex and the wildcard once, whatever is asked of them.
  expect(proof.budget.hashes).toBeLessThanOrEqual(labelCount(name) - labelCount(APEX) + 2);
  if (type !== Type.DS) return;
  const ds = denyDs(name, proof).kind;
  const expected =
    optOut || signed.zone.isCut(name) ? 'insecure-delegation' : truth === 'nodata' ? 'no-cut' : 'name-error';
  if (ds !== expected) fails(`${ds} instead of ${expected}`, name);
}

describe('soundness', () => {
  it('denies nothing that exists, with any of the records of the zone', () => {
    fc.assert(
      fc.property(anySigned, fc.infiniteStream(fc.boolean()), (signed, coin) => {
        const some = signed.chain.rrsets.filter(() => coin.next().value);
        for (const rrsets of [some, signed.chain.rrsets]) {
          for (const name of POOL) {
            checkName(signed, name, proofOf(rrsets));
            checkTypes(signed, name, proofOf(rrsets));
            checkDs(signed, name, proofOf(rrsets));
            checkWildcards(signed, name, proofOf(rrsets));
          }
        }
      }),
      { numRuns: 60 },
    );
  });
});

function isSound(signed: Signed, name: DomainName, denial: Denial, holds: boolean): boolean {
  return denial.kind !== 'proved' || holds || (denial.optOut && mayBeUnsigned(signed, name));
}

function checkName(signed: Signed, name: DomainName, proof: DenialProof): void {
  const holds = signed.zone.truth(name, Type.A) === 'nxdomain';
  if (!isSound(signed, name, denyName(name, proof), holds)) fails('denied though it exists', name);
}

function checkTypes(signed: Signed, name: DomainName, proof: DenialProof): void {
  for (const type of [...TYPES, Type.NS, Type.CNAME]) {
    const holds = signed.zone.truth(name, type) === 'nodata';
    if (!isSound(signed, name, denyType(name, type, proof), holds)) fails(`type ${type} denied though it exists`, name);
  }
}

function checkDs(signed: Signed, name: DomainName, proof: DenialProof): void {
  const { zone } = signed;
  const outcome = denyDs(name, proof);
  const above = name !== APEX && zone.truth(name, Type.DS);
  switch (outcome.kind) {
    case 'insecure-delegation': {
      const unsigned = zone.isCut(name) && !zone.names.get(name)!.has(Type.DS);
      if (!unsigned && !mayBeUnsigned(signed, name)) fails('taken for an unsigned delegation', name);
      return;
    }
    case 'no-cut':
      if (zone.isCut(name) || above === 'referral' || above === 'alias') fails('taken for no cut', name);
      return;
    case 'name-error':
      if (above !== 'nxdomain') fails('taken for a name error', name);
      return;
    case 'unproved':
      return;
    default:
      fails(outcome.kind, name);
  }
}

function checkWildcards(signed: Signed, name: DomainName, proof: DenialProof): void {
  const { zone } = signed;
  for (const encloser of zone.names.keys()) {
    if (!zone.names.has(prepend('*', encloser)!) || !isBelow(name, encloser)) continue;
    const at = nextCloser(name, encloser);
    const holds = !zone.names.has(at) && !zone.hidesBelow(encloser);
    const denial = denyCloserMatch(name, encloser, proof);
    if (!isSound(signed, at, denial, holds)) fails(`closer match than *.${nameToText(encloser)} denied`, name);
  }
}
