/**
 * What does an authoritative server with these zones say to this query? Pure: no I/O, no clock.
 *
 * RFC 1034 §4.3.2 as amended by RFC 2308 (SOA with negatives), RFC 4592 (wildcards), RFC 6672 (DNAME), RFC 6604 (the
 * RCODE is that of the last name of an alias chain), RFC 6891 (EDNS) and RFC 4035 §3.1 (what DO adds).
 * Nothing is said unasked: no NS RRset beside a positive answer. ANY is answered in full: people look into a lab with it.
 */
import type { Edns, Message, Question } from '../dns/message.js';
import { type DomainName, isAtOrBelow, nameAt, replaceSuffix } from '../dns/name.js';
import { Class, Opcode, Rcode, Type } from '../dns/numbers.js';
import { type ResourceRecord, type RRset, recordsOf, rrsetKey, soaOf, targetOf } from '../dns/rrset.js';
import { type Denied, proofOf } from './denial.js';
import type { Zone, ZoneNode } from './zone.js';
import { ZoneSet } from './zone-set.js';

/** Aliases followed within the server's own zones: enough to show a chain, few enough to end a growing DNAME loop. */
const MAX_ALIASES = 16;

/** What this server says it can receive over UDP (RFC 9715: no fragments). */
const UDP_SIZE = 1232;

/** The reply to `query`, which must be a query (QR clear) with whatever else in it. */
export function answerFrom(zones: readonly Zone[] | ZoneSet, query: Message): Message {
  const refusal = refusalOf(query);
  if (refusal !== undefined) return errorReply(query, refusal);
  const draft = new Draft(query.edns?.dnssecOk ?? false);
  fill(zones instanceof ZoneSet ? zones : new ZoneSet(zones), query.questions[0]!, draft);
  return replyTo(query, draft);
}

/** A reply with nothing in it but an RCODE and the question. Of several questions the first: it fits any datagram. */
export function errorReply(query: Message, rcode: number): Message {
  return replyTo(
    { ...query, questions: query.questions.slice(0, 1) },
    { rcode, authoritative: false, answer: [], authority: [], additional: [] },
  );
}

type Content = Pick<Message, 'rcode' | 'answer' | 'authority' | 'additional'> & { readonly authoritative: boolean };

function replyTo(query: Message, content: Content): Message {
  const { id, opcode, rd, cd, questions } = query;
  const { rcode, authoritative, answer, authority, additional } = content;
  // RFC 4035 §3.1.6: CD is copied, AD is not for an authoritative server to set. RFC 6891 §6.1.1: OPT only for OPT.
  const edns: Edns | undefined = query.edns && {
    version: 0,
    udpSize: UDP_SIZE,
    dnssecOk: query.edns.dnssecOk,
    options: [],
  };
  const flags = { qr: true, aa: authoritative, tc: false, rd, ra: false, ad: false, cd };
  return { id, opcode, rcode, ...flags, questions, answer, authority, additional, edns };
}

/** The RCODE of a query no zone need be looked into for; undefined for an ordinary one. */
function refusalOf(query: Message): number | undefined {
  if (query.opcode !== Opcode.QUERY) return Rcode.NOTIMP;
  if (query.edns !== undefined && query.edns.version !== 0) return Rcode.BADVERS; // RFC 6891 §6.1.3
  const [question, ...others] = query.questions;
  if (question === undefined || others.length > 0) return Rcode.FORMERR; // RFC 9619
  if (question.type === Type.OPT || question.type === Type.NXNAME) return Rcode.FORMERR; // RFC 9824 §3.5
  if (question.class !== Class.IN) return Rcode.REFUSED;
  if (question.type === Type.AXFR || question.type === Type.IXFR) return Rcode.REFUSED;
  return undefined;
}

/** A reply being written. An RRset is written once in a section, however often a chain comes by. */
class Draft {
  rcode: number = Rcode.NOERROR;
  authoritative = false;
  readonly answer: ResourceRecord[] = [];
  readonly authority: ResourceRecord[] = [];
  readonly additional: ResourceRecord[] = [];
  readonly #written = new Set<string>();

  constructor(readonly dnssecOk: boolean) {}

  add(section: 'answer' | 'authority' | 'additional', rrset: RRset): void {
    const key = `${section} ${rrsetKey(rrset.name, rrset.type)}`;
    if (this.#written.has(key)) return;
    this.#written.add(key);
    this[section].push(...recordsOf(rrset, this.dnssecOk));
  }

  /** RFC 2308 §3: the SOA of a negative answer lives no longer than its MINIMUM. */
  addSoa(zone: Zone): void {
    const soa = zone.soa;
    if (soa === undefined) return;
    const minimum = soaOf(soa.rdatas[0]!)?.minimum ?? 0;
    this.add('authority', { ...soa, ttl: Math.min(soa.ttl, minimum) });
  }

  addProof(zone: Zone, denied: Denied): void {
    if (this.dnssecOk) for (const rrset of proofOf(zone, denied)) this.add('authority', rrset);
  }
}

/** Follows the question through the server's zones until something other than an alias is met. */
function fill(zones: ZoneSet, question: Question, draft: Draft): void {
  const { type } = question;
  const seen = new Set<DomainName>();
  let name: DomainName | undefined = question.name;
  while (name !== undefined && !seen.has(name) && seen.size <= MAX_ALIASES) {
    const zone = zones.zoneFor(name, type);
    if (zone === undefined) {
      if (seen.size === 0) draft.rcode = Rcode.REFUSED;
      return;
    }
    // AA speaks of the first owner name of the answer section (RFC 1035 §4.1.1); a referral takes it back.
    if (seen.size === 0) draft.authoritative = true;
    seen.add(name);
    name = answerAt(zone, name, type, draft);
  }
}

/** Writes what one zone knows of the name; the next name when that is an alias. */
function answerAt(zone: Zone, name: DomainName, type: number, draft: Draft): DomainName | undefined {
  const location = zone.locate(name);
  switch (location.kind) {
    case 'cut':
      answerAtCut(zone, location.ns, name, type, draft);
      return undefined;
    case 'dname':
      return substitute(location.dname, name, type, draft);
    case 'node':
      return answerFromNode(zone, name, location.node, type, undefined, draft);
    case 'wildcard':
      return answerFromNode(zone, name, location.node, type, location.encloser, draft);
    case 'absent':
      draft.rcode = Rcode.NXDOMAIN;
      draft.addSoa(zone);
      draft.addProof(zone, { kind: 'nxdomain', name, encloser: location.encloser });
      return undefined;
    default:
      return location satisfies never;
  }
}

/** The node's RRsets of that type under the name asked for, which a wildcard at `encloser` may have lent. */
function answerFromNode(
  zone: Zone,
  name: DomainName,
  node: ZoneNode,
  type: number,
  encloser: DomainName | undefined,
  draft: Draft,
): DomainName | undefined {
  const found = rrsetsOfType(node, type);
  const cname = found.length === 0 && !isAboutTheNode(type) ? node.get(Type.CNAME) : undefined;
  for (const rrset of cname ? [cname] : found) {
    draft.add('answer', { ...rrset, name });
    addAddressesNamedIn(rrset, zone, draft);
  }
  if (found.length > 0 || cname !== undefined) {
    if (encloser !== undefined) draft.addProof(zone, { kind: 'wildcard-answer', name, encloser });
    return cname && targetOf(cname.rdatas[0]!);
  }
  draft.addSoa(zone);
  draft.addProof(zone, encloser === undefined ? { kind: 'nodata', name } : { kind: 'wildcard-nodata', name, encloser });
  return undefined;
}

/** Types that stand beside a CNAME and are never looked for at its target (RFC 4035 §2.5). */
function isAboutTheNode(type: number): boolean {
  return type === Type.ANY || type === Type.RRSIG || type === Type.NSEC;
}

function rrsetsOfType(node: ZoneNode, type: number): readonly RRset[] {
  if (type === Type.ANY) return [...node.values()];
  if (type === Type.RRSIG) return signaturesAt(node);
  const rrset = node.get(type);
  return rrset === undefined ? [] : [rrset];
}

/** Signatures travel with the RRsets they cover; asked for by themselves they are an answer of their own. */
function signaturesAt(node: ZoneNode): readonly RRset[] {
  const signed = [...node.values()].filter((rrset) => rrset.signatures.length > 0);
  const [first] = signed;
  if (first === undefined) return [];
  const ttl = Math.min(...signed.map((rrset) => rrset.ttl));
  return [{ ...first, type: Type.RRSIG, ttl, rdatas: signed.flatMap((rrset) => rrset.signatures), signatures: [] }];
}

function answerAtCut(zone: Zone, ns: RRset, name: DomainName, type: number, draft: Draft): void {
  const ds = zone.rrset(ns.name, Type.DS);
  if (type === Type.DS && name === ns.name) {
    // RFC 4035 §3.1.4.1: of the types at a cut this one belongs to the parent, who answers it with authority.
    const parentSide: ZoneNode = new Map(ds === undefined ? [] : [[Type.DS, ds]]);
    answerFromNode(zone, name, parentSide, type, undefined, draft);
    return;
  }
  if (draft.answer.length === 0) draft.authoritative = false;
  draft.add('authority', ns);
  // RFC 4035 §3.1.4: DS or the proof that there is none, for those who set DO.
  if (draft.dnssecOk && ds !== undefined) draft.add('authority', ds);
  if (ds === undefined) draft.addProof(zone, { kind: 'nodata', name: ns.name });
  const hosts = ns.rdatas.map((rdata) => targetOf(rdata)).filter((host) => host !== undefined);
  for (const host of hosts) if (isAtOrBelow(host, ns.name)) addAddresses(host, zone, draft);
  for (const host of hosts) addAddresses(host, zone, draft);
}

/**
 * How many records at the start of the additional section are glue for in-domain name servers: a referral that cannot
 * hold all of these is truncated, others are merely shorter (RFC 9471 §3).
 */
export function indispensableGlue(reply: Message): number {
  const cut = reply.aa || reply.answer.length > 0 ? undefined : reply.authority.find(({ type }) => type === Type.NS);
  if (cut === undefined) return 0;
  const others = reply.additional.findIndex((record) => !isAtOrBelow(record.name, cut.name));
  return others < 0 ? reply.additional.length : others;
}

/** RFC 6672 §3.1: the DNAME and the CNAME made of it, with the same TTL; YXDOMAIN when the name grows too long. */
function substitute(dname: RRset, name: DomainName, type: number, draft: Draft): DomainName | undefined {
  draft.add('answer', dname);
  const to = targetOf(dname.rdatas[0]!);
  const target = to && replaceSuffix(name, dname.name, to);
  if (target === undefined) {
    draft.rcode = Rcode.YXDOMAIN;
    return undefined;
  }
  draft.add('answer', { name, type: Type.CNAME, ttl: dname.ttl, rdatas: [target], signatures: [] });
  return type === Type.CNAME || type === Type.ANY ? undefined : target;
}

/** Octets before the host name in RDATA of the types that name hosts (RFC 1035 §3.3.9, §3.3.11, RFC 2782). */
const HOST_AT: ReadonlyMap<number, number> = new Map([
  [Type.NS, 0],
  [Type.MX, 2],
  [Type.SRV, 6],
]);

/** Additional data from the same zone (RFC 1034 §4.3.2 step 6). */
function addAddressesNamedIn(rrset: RRset, zone: Zone, draft: Draft): void {
  const offset = HOST_AT.get(rrset.type);
  if (offset === undefined) return;
  for (const rdata of rrset.rdatas) addAddresses(nameAt(rdata, offset), zone, draft);
}

/** For a referral these are the glue, in-domain and sibling (RFC 9471 §2). */
function addAddresses(host: DomainName | undefined, zone: Zone, draft: Draft): void {
  if (host === undefined) return;
  for (const type of [Type.A, Type.AAAA]) {
    const addresses = zone.rrset(host, type);
    if (addresses !== undefined) draft.add('additional', addresses);
  }
}
