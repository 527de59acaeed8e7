/**
 * What of a reply may be listened to: everything the asked zone has no say in, and everything not asked for, goes.
 *
 * This is the first of scrub -> classify -> act. What is kept ("in bailiwick", as older texts say): the alias chain
 * from the question within the zone and its end, a SOA and denial records of the zone, one NS RRset on the way from the
 * zone to the name, addresses for exactly its names where the zone may give them, and DS for that cut.
 * NS RRsets beside an answer are dropped (CVE-2025-11411), address records for other names too (CVE-2026-42960).
 */
import { addressFromRdata } from '../dns/address.js';
import { aliasFromDname } from '../dns/alias.js';
import type { Delegation, NameServer } from '../dns/delegation.js';
import { nsecOf } from '../dns/denial-rdata.js';
import type { Alias, TooLong } from '../dns/finding.js';
import type { Message } from '../dns/message.js';
import { type DomainName, isAtOrBelow, isBelow, nameToText } from '../dns/name.js';
import { Type, typeToText } from '../dns/numbers.js';
import type { Octets } from '../dns/octets.js';
import { groupRecords, type ResourceRecord, type RRset, targetOf } from '../dns/rrset.js';
import type { Trace } from '../ports/trace.js';

declare const scrubbed: unique symbol;

export interface ScrubbedResponse {
  readonly [scrubbed]: true;
  readonly rcode: number;
  readonly aa: boolean;
  readonly ra: boolean;
  /** Links from the question on, in order. */
  readonly chain: readonly Alias[];
  /** The RRset of the type asked for at the end of the chain. */
  readonly final: RRset | undefined;
  readonly tooLong: TooLong | undefined;
  readonly soa: RRset | undefined;
  /** A SOA of a zone above the one asked for: the server answered as that zone's. */
  readonly soaAbove: boolean;
  readonly proof: readonly RRset[];
  /** An NS RRset in the authority section on the way to the name: below, at or above the zone. */
  readonly ns: { readonly where: 'below' | 'at' | 'above'; readonly delegation: Delegation } | undefined;
  /** Whether the reply held no record at all. */
  readonly empty: boolean;
}

export interface ScrubRules {
  /** The zone the server was asked for; the root for forwarders. */
  readonly zone: DomainName;
  readonly name: DomainName;
  readonly type: number;
  readonly maxAliases: number;
  readonly maxServers: number;
  readonly maxAddresses: number;
  /** RDATA that may not come from public zones (rebinding), see policy/private-addresses.ts. */
  readonly isPrivate: ((name: DomainName, type: number, rdata: Octets) => boolean) | undefined;
  /** Records of one RRset; larger ones are dropped (CVE-2024-1737). */
  readonly maxRecords: number;
}

/** What the settings say of scrubbing, for one question to one zone. */
export function scrubRules(
  settings: Omit<ScrubRules, 'zone' | 'name' | 'type'>,
  zone: DomainName,
  name: DomainName,
  type: number,
): ScrubRules {
  // HOT: once for every reply. Of the settings only what is needed is taken along.
  const { maxAliases, maxServers, maxAddresses, maxRecords, isPrivate } = settings;
  return { zone, name, type, maxAliases, maxServers, maxAddresses, maxRecords, isPrivate };
}

export function scrub(message: Message, rules: ScrubRules, trace: Trace): ScrubbedResponse {
  const answer = keepSound(groupRecords(withStraySignatures(message.answer, message)), rules, 'answer', trace);
  const followed = followChain(answer, rules, trace);
  const { chain, tooLong, end } = followed;
  // NS shown by the parent without AA is its referral, in whatever section it stands (RFC 2181 §5.4.1).
  const shown = !message.aa && rules.type === Type.NS && isBelow(rules.name, rules.zone) ? followed.final : undefined;
  const final = shown === undefined ? followed.final : undefined;
  const isAnswered = chain.length > 0 || final !== undefined;
  // HOT: NS beside an answer are of no use, so nobody but who listens is to be told of them.
  const authority =
    isAnswered && message.aa && trace === undefined && message.authority.every(isNs)
      ? NO_RRSETS
      : keepSound(groupRecords(withStraySignatures(message.authority, message)), rules, 'authority', trace);
  const proof = authority.some(isDenial) ? authority.filter(isDenial) : NO_RRSETS;
  const referral = shown ?? (!isAnswered || !message.aa ? findNs(authority, end, rules) : undefined);
  const additional = referral === undefined ? [] : groupRecords(message.additional);
  return {
    rcode: message.rcode,
    aa: message.aa,
    ra: message.ra,
    chain: proof.length === 0 ? chain : chain.map((link) => ({ proof, ...link })),
    final,
    tooLong,
    soa: authority.find((set) => isSoa(set) && isAtOrBelow(end, set.name) && isAtOrBelow(set.name, rules.zone)),
    soaAbove: authority.some((set) => isSoa(set) && isBelow(rules.zone, set.name)),
    proof,
    ns: referral && {
      where: relation(referral.name, rules.zone),
      delegation: delegationFrom(referral, { authority, additional, denial: proof }, rules, trace),
    },
    empty: message.answer.length + message.authority.length + message.additional.length === 0,
  } as unknown as ScrubbedResponse;
}

const NO_RRSETS: readonly RRset[] = Object.freeze([]);

function isNs({ type }: ResourceRecord): boolean {
  return type === Type.NS;
}

function isDenial({ type }: RRset): boolean {
  return type === Type.NSEC || type === Type.NSEC3;
}

function isSoa({ type, rdatas }: RRset): boolean {
  return type === Type.SOA && rdatas.length === 1;
}

function isSignature({ type }: ResourceRecord): boolean {
  return type === Type.RRSIG;
}

/** Some servers put signatures into another section than what they cover. They prove themselves or nothing. */
function withStraySignatures(section: readonly ResourceRecord[], message: Message): readonly ResourceRecord[] {
  if (!message.additional.some(isSignature)) return section;
  return [...section, ...message.additional.filter(isSignature)];
}

function relation(owner: DomainName, zone: DomainName): 'below' | 'at' | 'above' {
  if (owner === zone) return 'at';
  return isBelow(owner, zone) ? 'below' : 'above';
}

/** RRsets of the zone, of bearable size, without private addresses; SOA and NS above the zone stay to be judged. */
function keepSound(rrsets: RRset[], rules: ScrubRules, section: string, trace: Trace): RRset[] {
  const kept: RRset[] = [];
  for (const rrset of rrsets) {
    const upward = section === 'authority' && (rrset.type === Type.NS || rrset.type === Type.SOA);
    if (!isAtOrBelow(rrset.name, rules.zone) && !(upward && isAtOrBelow(rules.zone, rrset.name))) {
      drop(trace, rrset, `outside ${nameToText(rules.zone)}`);
    } else if (rrset.type === Type.NSEC && reachesOutside(rrset, rules.zone)) {
      drop(trace, rrset, `its next name is outside ${nameToText(rules.zone)}`);
    } else if (rrset.rdatas.length > rules.maxRecords) {
      drop(trace, rrset, `more than ${rules.maxRecords} records`);
    } else {
      const open = withoutPrivate(rrset, rules, trace);
      if (open !== undefined) kept.push(open);
    }
  }
  return kept;
}

/** RFC 4034 §4.1.1: the next name is one of the zone. One beyond it would deny what is not the zone's (CVE-2026-13321). */
function reachesOutside({ rdatas }: RRset, zone: DomainName): boolean {
  return rdatas.some((rdata) => {
    const next = nsecOf(rdata)?.next;
    return next !== undefined && !isAtOrBelow(next, zone);
  });
}

function withoutPrivate(rrset: RRset, rules: ScrubRules, trace: Trace): RRset | undefined {
  const { isPrivate } = rules;
  if (isPrivate === undefined || !rrset.rdatas.some((rdata) => isPrivate(rrset.name, rrset.type, rdata))) return rrset;
  const rdatas = rrset.rdatas.filter((rdata) => !isPrivate(rrset.name, rrset.type, rdata));
  drop(trace, rrset, 'private address in a public zone');
  return rdatas.length === 0 ? undefined : { ...rrset, rdatas };
}

interface Chain {
  readonly chain: readonly Alias[];
  readonly final: RRset | undefined;
  readonly tooLong: TooLong | undefined;
  /** The name the chain ends at. */
  readonly end: DomainName;
}

/** RFC 1034 §3.6.2 and RFC 6672 §3.2: from the question along CNAME and DNAME to what answers it. */
function followChain(answer: readonly RRset[], rules: ScrubRules, trace: Trace): Chain {
  // HOT: answers have few RRsets, and who listens is told what was of no use, nobody else.
  const used = trace && new Set<RRset>();
  const chain: Alias[] = [];
  let name = rules.name;
  let tooLong: TooLong | undefined;
  const under = (at: DomainName): boolean => answer.some((set) => set.type === Type.DNAME && isBelow(at, set.name));
  // Below a DNAME nothing else is (RFC 6672 §2.4): a CNAME there is the server's synthesis.
  let final = under(name) ? undefined : rrsetAt(answer, name, rules.type);
  while (final === undefined && chain.length < rules.maxAliases) {
    const link = nextLink(answer, name, used);
    if (link?.kind === 'too-long') tooLong = link;
    if (link?.kind !== 'alias') break;
    chain.push(link);
    name = link.target;
    if (name === rules.name || chain.some((earlier) => earlier.rrset.name === name)) break;
    if (!isAtOrBelow(name, rules.zone)) break;
    final = under(name) ? undefined : rrsetAt(answer, name, rules.type);
    if (rules.type === Type.CNAME) break;
  }
  if (used)
    for (const set of answer) if (set !== final && !used.has(set)) drop(trace, set, 'not on the way from the question');
  return { chain, final, tooLong, end: name };
}

function rrsetAt(rrsets: readonly RRset[], name: DomainName, type: number): RRset | undefined {
  for (const set of rrsets) if (set.type === type && set.name === name) return set;
  return undefined;
}

function nextLink(
  answer: readonly RRset[],
  name: DomainName,
  used: Set<RRset> | undefined,
): Alias | TooLong | undefined {
  const dname = answer.find((set) => set.type === Type.DNAME && isBelow(name, set.name));
  const cname = rrsetAt(answer, name, Type.CNAME);
  if (dname !== undefined) {
    used?.add(dname);
    if (cname !== undefined) used?.add(cname);
    // The CNAME beside a DNAME is the server's own synthesis: ours is made from the DNAME (RFC 6672 §3.1).
    return aliasFromDname(name, dname);
  }
  const target = cname && targetOf(cname.rdatas[0]!);
  if (cname === undefined || target === undefined) return undefined;
  used?.add(cname);
  // RFC 2181 §10.1: an alias has one canonical name; of several the first is believed.
  const rrset = cname.rdatas.length === 1 ? cname : { ...cname, rdatas: cname.rdatas.slice(0, 1) };
  return { kind: 'alias', rrset, target };
}

/** The NS RRset on the way to the name: the deepest one. Sideways ones are nobody's business. */
function findNs(authority: readonly RRset[], name: DomainName, rules: ScrubRules): RRset | undefined {
  let deepest: RRset | undefined;
  for (const set of authority) {
    if (set.type !== Type.NS || !isAtOrBelow(name, set.name)) continue;
    // At the parent side of a cut, the cut itself is not a referral for DS (RFC 4035 §3.1.4.1).
    if (rules.type === Type.DS && set.name === rules.name) continue;
    if (deepest === undefined || set.name.length > deepest.name.length) deepest = set;
  }
  return deepest;
}

function delegationFrom(
  ns: RRset,
  beside: {
    readonly authority: readonly RRset[];
    readonly additional: readonly RRset[];
    readonly denial: readonly RRset[];
  },
  rules: ScrubRules,
  trace: Trace,
): Delegation {
  const { authority, additional, denial } = beside;
  const servers: NameServer[] = [];
  for (const rdata of ns.rdatas.slice(0, rules.maxServers)) {
    const name = targetOf(rdata);
    if (name === undefined || servers.some((server) => server.name === name)) continue;
    servers.push({ name, addresses: glueFor(name, additional, rules, trace) });
  }
  const ds = authority.find((set) => set.type === Type.DS && set.name === ns.name);
  return { zone: ns.name, servers, ds, ttl: ns.ttl, denial };
}

/** In-domain and sibling glue: addresses the asked zone may give, being at or above them (RFC 9471). */
function glueFor(name: DomainName, additional: readonly RRset[], rules: ScrubRules, trace: Trace): string[] {
  const addresses: string[] = [];
  for (const set of additional) {
    if (set.name !== name || (set.type !== Type.A && set.type !== Type.AAAA)) continue;
    if (!isAtOrBelow(name, rules.zone)) {
      drop(trace, set, `glue outside ${nameToText(rules.zone)}`);
      continue;
    }
    for (const rdata of set.rdatas.slice(0, rules.maxAddresses)) {
      const address = addressFromRdata(rdata);
      if (address !== undefined) addresses.push(address);
    }
  }
  return addresses;
}

function drop(trace: Trace, rrset: RRset, because: string): void {
  trace?.({ kind: 'dropped', rrset: `${nameToText(rrset.name)} ${typeToText(rrset.type)}`, because });
}
