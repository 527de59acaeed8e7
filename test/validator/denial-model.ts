/**
 * A zone in the abstract, for properties: what is truly at a name, the NSEC and NSEC3 chains a signer would make of it,
 * and the fewest records that deny something. Written from the RFCs, apart from the code under test.
 */
import fc from 'fast-check';
import { compareCanonical, type DomainName, isBelow, nameFromLabels, parentOf, prepend } from '../../src/dns/name.js';
import { Type } from '../../src/dns/numbers.js';
import { NO_OCTETS, type Octets, octetsFrom, octetsFromHex } from '../../src/dns/octets.js';
import type { RRset } from '../../src/dns/rrset.js';
import { base32hex } from '../../src/lab/nsec3-hash.js';
import { typeBitMaps } from '../../src/lab/type-bit-maps.js';
import { nsec3Hash } from '../../src/validator/nsec3-hash.js';

export const APEX = nameFromLabels(['z']);
const ALPHABET = ['*', 'a', '\x01'];
export const POOL: readonly DomainName[] = pool();
const APEX_TYPES = [Type.SOA, Type.NS, Type.DNSKEY];

type Content = 'data' | 'more-data' | 'alias' | 'dname' | 'signed-cut' | 'unsigned-cut';
const typesOf: Readonly<Record<Content, readonly number[]>> = {
  data: [Type.A],
  'more-data': [Type.A, Type.TXT],
  alias: [Type.CNAME],
  dname: [Type.DNAME, Type.TXT],
  'signed-cut': [Type.NS, Type.DS],
  'unsigned-cut': [Type.NS],
};

export type Truth = 'data' | 'nodata' | 'nxdomain' | 'referral' | 'alias';

export interface Chain {
  readonly rrsets: readonly RRset[];
  has(name: DomainName): boolean;
  match(name: DomainName): RRset;
  cover(name: DomainName): RRset;
}

function pool(): DomainName[] {
  const first = ALPHABET.map((label) => prepend(label, APEX)!);
  const second = first.flatMap((name) => ALPHABET.map((label) => prepend(label, name)!));
  const third = second.flatMap((name) => ALPHABET.map((label) => prepend(label, name)!));
  return [APEX, ...first, ...second, ...third];
}

/** From the parent of `name` up to the apex. */
function ancestors(name: DomainName): DomainName[] {
  const found: DomainName[] = [];
  for (let at = name; at !== APEX; found.push(at)) at = parentOf(at)!;
  return found;
}

export class ModelZone {
  /** Names with authoritative records or a delegation, and the empty non-terminals above them. */
  readonly names = new Map<DomainName, ReadonlySet<number>>([[APEX, new Set<number>(APEX_TYPES)]]);

  constructor(contents: ReadonlyMap<DomainName, Content>) {
    const hides = (name: DomainName) => ['dname', 'signed-cut', 'unsigned-cut'].includes(contents.get(name) ?? '');
    const visible = [...contents].filter(([name]) => !ancestors(name).some(hides));
    for (const [name, content] of visible) {
      for (const above of ancestors(name)) if (!this.names.has(above)) this.names.set(above, new Set());
      this.names.set(name, new Set(typesOf[content]));
    }
  }

  isCut(name: DomainName): boolean {
    return name !== APEX && this.names.get(name)?.has(Type.NS) === true;
  }

  hidesBelow(name: DomainName): boolean {
    return this.isCut(name) || this.names.get(name)?.has(Type.DNAME) === true;
  }

  closestEncloser(name: DomainName): DomainName {
    return ancestors(name).find((above) => this.names.has(above))!;
  }

  /** RFC 1034 §4.3.2, RFC 4592, RFC 6672. */
  truth(name: DomainName, type: number): Truth {
    const hidden = ancestors(name)
      .reverse()
      .find((above) => this.hidesBelow(above));
    if (hidden !== undefined) return this.isCut(hidden) ? 'referral' : 'alias';
    if (this.isCut(name) && type !== Type.DS) return 'referral';
    const at = this.names.get(name) ?? this.names.get(prepend('*', this.closestEncloserOrSelf(name))!);
    if (at === undefined) return 'nxdomain';
    return at.has(type) || at.has(Type.CNAME) ? 'data' : 'nodata';
  }

  closestEncloserOrSelf(name: DomainName): DomainName {
    return this.names.has(name) ? name : this.closestEncloser(name);
  }

  /** What opt-out leaves out of the chain: unsigned delegations, and empty non-terminals with nothing else below. */
  omitted(): Set<DomainName> {
    const unsigned = (name: DomainName) => this.isCut(name) && !this.names.get(name)!.has(Type.DS);
    const out = [...this.names.keys()].filter((name) => {
      const family = [...this.names].filter(([other]) => other === name || isBelow(other, name));
      return name !== APEX && family.every(([other, types]) => unsigned(other) || types.size === 0);
    });
    return new Set(out);
  }
}

export function nsecChain(zone: ModelZone): Chain {
  const owners = [...zone.names].filter(([, types]) => types.size > 0).sort(([a], [b]) => compareCanonical(a, b));
  const links = owners.map(([name, types], at) => {
    const next = owners[(at + 1) % owners.length]![0];
    return rrset(name, Type.NSEC, `${next}${typeBitMaps([...types, Type.RRSIG, Type.NSEC])}` as Octets);
  });
  const has = (name: DomainName) => links.some((link) => link.name === name);
  return {
    rrsets: links,
    has,
    match: (name) => links.find((link) => link.name === name)!,
    cover: (name) => links.filter((link) => compareCanonical(link.name, name) < 0).at(-1)!,
  };
}

const SALT = octetsFromHex('ab01')!;
const ITERATIONS = 1;
const hashes = new Map<DomainName, Octets>();

function hashOf(name: DomainName): Octets {
  const hash = hashes.get(name) ?? nsec3Hash(name, SALT, ITERATIONS);
  hashes.set(name, hash);
  return hash;
}

export function nsec3Chain(zone: ModelZone, optOut: boolean): Chain {
  const omitted = optOut ? zone.omitted() : new Set<DomainName>();
  const owners = [...zone.names]
    .filter(([name]) => !omitted.has(name))
    .map(([name, types]) => ({ name, types, hash: hashOf(name) }))
    .sort((a, b) => (a.hash < b.hash ? -1 : 1));
  const links = owners.map(({ types, hash }, at) => {
    const next = owners[(at + 1) % owners.length]!.hash;
    const head = octetsFrom(1, optOut ? 1 : 0, 0, ITERATIONS, SALT.length);
    const rdata = `${head}${SALT}${octetsFrom(next.length)}${next}${typeBitMaps(types)}` as Octets;
    return { hash, rrset: rrset(prepend(base32hex(hash), APEX)!, Type.NSEC3, rdata) };
  });
  const inChain = new Set(owners.map(({ name }) => name));
  return {
    rrsets: links.map((link) => link.rrset),
    has: (name) => inChain.has(name),
    match: (name) => links.find((link) => link.hash === hashOf(name))!.rrset,
    cover: (name) => (links.filter((link) => link.hash < hashOf(name)).at(-1) ?? links.at(-1)!).rrset,
  };
}

function rrset(name: DomainName, type: number, rdata: Octets): RRset {
  return { name, type, ttl: 300, rdatas: [rdata], signatures: [NO_OCTETS] };
}

const anyContent = fc.constantFrom<Content>(...(Object.keys(typesOf) as Content[]));
/** Delegations and DNAMEs at wildcards mean nothing anyone agrees on (RFC 4592 §4.2, §4.4). */
const wildcardContent = fc.constantFrom<Content>('data', 'more-data', 'alias');

export const anyZone: fc.Arbitrary<ModelZone> = fc
  .uniqueArray(
    fc
      .constantFrom(...POOL.slice(1))
      .chain((name) => fc.tuple(fc.constant(name), name.charCodeAt(1) === 0x2a ? wildcardContent : anyContent)),
    { maxLength: 9, selector: ([name]) => name },
  )
  .map((contents) => new ModelZone(new Map(contents)));
