/**
 * Cache values as one-byte strings: how much of the cache fits into the budget, and what a hit costs to read.
 *
 * An entry is a fixed head (when, how long, how credible, from where, at what cost) and a body whose form depends on
 * its kind. Strings are built once, compared and freed as one object; an object tree of the same data takes three
 * to six times the memory.
 */
import type { DomainName } from '../dns/name.js';
import { nameAt } from '../dns/name.js';
import { type Octets, octets16, uint16At, uint32At } from '../dns/octets.js';
import type { Credibility, Provenance, Section, Transport } from '../dns/provenance.js';
import type { RRset } from '../dns/rrset.js';
import type { Security } from '../dns/security.js';

/** What every entry knows of itself. */
export interface EntryHead {
  /** Ticks of the monotonic clock. */
  readonly storedAt: number;
  /** Seconds, as sent, before clamping. */
  readonly ttlOriginal: number;
  readonly security: Security;
  readonly provenance: Provenance;
}

const SECTIONS: readonly Section[] = ['answer', 'authority', 'additional'];
const TRANSPORTS: readonly Transport[] = ['udp', 'tcp', 'local'];
/** By code in the head; the last two have a reason behind the head. */
const SECURITIES: readonly Security['kind'][] = [
  'unchecked',
  'indeterminate',
  'insecure',
  'secure',
  'insecure',
  'bogus',
];
/** Bit of the flags, which packHead leaves alone: the entry came by way of another instance. */
const SHARED = 0x80;
const INSECURE_WITH_REASON = 4;
const BOGUS = 5;

/** Octets before the two texts of the head: 4 + 4 + 1 + 1 + 2 + 2 + 1 + 2. */
const FIXED = 17;

/** `server` and `askedFor` are ASCII; they and the bogus reason are cut at 255 and 65535 octets. */
export function packHead(head: EntryHead): string {
  const { provenance, security } = head;
  const flags =
    securityCode(security) |
    (SECTIONS.indexOf(provenance.section) << 3) |
    (TRANSPORTS.indexOf(provenance.transport) << 5);
  const server = provenance.server.slice(0, 255);
  const asked = provenance.askedFor.slice(0, 1023);
  return packFixed(head, flags, server.length, asked.length) + server + asked + packReason(security);
}

/** HOT: in one call, since eight strings joined take several times as long to write down. */
function packFixed(head: EntryHead, flags: number, serverLength: number, askedLength: number): string {
  const { storedAt, ttlOriginal, provenance } = head;
  const costMs = Math.min(provenance.costMs, 0xffff);
  const costExchanges = Math.min(provenance.costExchanges, 0xffff);
  return String.fromCharCode(
    (storedAt >>> 24) & 0xff,
    (storedAt >>> 16) & 0xff,
    (storedAt >>> 8) & 0xff,
    storedAt & 0xff,
    (ttlOriginal >>> 24) & 0xff,
    (ttlOriginal >>> 16) & 0xff,
    (ttlOriginal >>> 8) & 0xff,
    ttlOriginal & 0xff,
    provenance.credibility,
    flags,
    (costMs >>> 8) & 0xff,
    costMs & 0xff,
    (costExchanges >>> 8) & 0xff,
    costExchanges & 0xff,
    serverLength,
    (askedLength >>> 8) & 0xff,
    askedLength & 0xff,
  );
}

function securityCode(security: Security): number {
  if (security.kind === 'bogus') return BOGUS;
  if (security.kind === 'insecure' && security.ede !== undefined) return INSECURE_WITH_REASON;
  return SECURITIES.indexOf(security.kind);
}

function packReason(security: Security): string {
  if (security.kind === 'bogus') return packBogus(security);
  if (security.kind !== 'insecure' || security.ede === undefined) return '';
  return packBogus({ kind: 'bogus', because: '', ede: security.ede });
}

function packBogus(security: Extract<Security, { kind: 'bogus' }>): string {
  const text = Buffer.from(security.because, 'utf8').toString('latin1').slice(0, 0xffff);
  const ede = Buffer.from(security.ede.text, 'utf8').toString('latin1').slice(0, 0xffff);
  return octets16(security.ede.code) + octets16(text.length) + text + octets16(ede.length) + ede;
}

export function securityKindOf(packed: string): Security['kind'] {
  return SECURITIES[packed.charCodeAt(9) & 7]!;
}

export function credibilityOf(packed: string): Credibility {
  return packed.charCodeAt(8) as Credibility;
}

/** Ticks of the monotonic clock; negative when the entry is older than this process (portable.ts). */
export function storedAtOf(packed: string): number {
  return uint32At(packed, 0) | 0;
}

/** The same entry, as brought by another instance. */
export function asShared(packed: string): string {
  return packed.slice(0, 9) + String.fromCharCode(packed.charCodeAt(9) | SHARED) + packed.slice(10);
}

export function ttlOriginalOf(packed: string): number {
  return uint32At(packed, 4);
}

/** What fetching it cost, for comparing: the milliseconds decide, then the exchanges. */
export function costOf(packed: string): number {
  return uint16At(packed, 10) * 0x10000 + uint16At(packed, 12);
}

/** The fixed part of the head alone, as a string of its own: a slice would keep all of `packed` alive. */
export function fixedHeadOf(packed: string): string {
  return Buffer.from(packed.slice(0, FIXED), 'latin1').latin1Slice();
}

/** Milliseconds it took to have it, as far as 16 bits go. */
export function costMsOf(packed: string): number {
  return uint16At(packed, 10);
}

export function costExchangesOf(packed: string): number {
  return uint16At(packed, 12);
}

/** Where the body starts. */
export function bodyStart(packed: string): number {
  const at = FIXED + packed.charCodeAt(14) + uint16At(packed, 15);
  if ((packed.charCodeAt(9) & 7) < INSECURE_WITH_REASON) return at;
  const text = uint16At(packed, at + 2);
  return at + 6 + text + uint16At(packed, at + 4 + text);
}

export function unpackProvenance(packed: string): Provenance {
  const flags = packed.charCodeAt(9);
  const serverEnd = FIXED + packed.charCodeAt(14);
  return {
    server: packed.slice(FIXED, serverEnd),
    transport: TRANSPORTS[(flags >>> 5) & 3]!,
    section: SECTIONS[(flags >>> 3) & 3]!,
    credibility: credibilityOf(packed),
    askedFor: packed.slice(serverEnd, serverEnd + uint16At(packed, 15)),
    costMs: costMsOf(packed),
    costExchanges: costExchangesOf(packed),
    ...(flags & SHARED && { shared: true }),
  };
}

export function unpackSecurity(packed: string): Security {
  const code = packed.charCodeAt(9) & 7;
  const kind = SECURITIES[code]!;
  if (kind !== 'bogus' && code !== INSECURE_WITH_REASON) return PLAIN[kind];
  let at = FIXED + packed.charCodeAt(14) + uint16At(packed, 15);
  const edeCode = uint16At(packed, at);
  const text = utf8(packed, at + 4, uint16At(packed, at + 2));
  at += 4 + uint16At(packed, at + 2);
  const ede = { code: edeCode, text: utf8(packed, at + 2, uint16At(packed, at)) };
  return kind === 'bogus' ? { kind, because: text, ede } : { kind: 'insecure', ede };
}

const PLAIN = {
  unchecked: { kind: 'unchecked' },
  indeterminate: { kind: 'indeterminate' },
  insecure: { kind: 'insecure' },
  secure: { kind: 'secure' },
} as const satisfies Record<Exclude<Security['kind'], 'bogus'>, Security>;

function utf8(packed: string, at: number, length: number): string {
  return Buffer.from(packed.slice(at, at + length), 'latin1').toString('utf8');
}

/** Text of any kind as length-prefixed UTF-8 octets, cut at 1000 octets. */
export function packText(text: string): string {
  const octets = Buffer.from(text, 'utf8').toString('latin1').slice(0, 1000);
  return octets16(octets.length) + octets;
}

/** Reads a body front to back. Packed values are our own, so nothing is checked. */
export class BodyReader {
  constructor(
    readonly packed: string,
    public at: number,
  ) {}

  get atEnd(): boolean {
    return this.at >= this.packed.length;
  }

  uint8(): number {
    return this.packed.charCodeAt(this.at++);
  }

  uint16(): number {
    this.at += 2;
    return uint16At(this.packed, this.at - 2);
  }

  uint32(): number {
    this.at += 4;
    return uint32At(this.packed, this.at - 4);
  }

  octets(length: number): Octets {
    this.at += length;
    return this.packed.slice(this.at - length, this.at) as Octets;
  }

  name(): DomainName {
    const name = nameAt(this.packed as Octets, this.at)!;
    this.at += name.length;
    return name;
  }

  text(): string {
    const length = this.uint16();
    return Buffer.from(this.octets(length), 'latin1').toString('utf8');
  }
}

/** RDATA and signatures of an RRset, its name and type apart. */
export function packRdatas(rrset: RRset): string {
  return packList(rrset.rdatas) + (rrset.signatures.length === 0 ? NONE : packList(rrset.signatures));
}

const NONE = octets16(0);

/** HOT: most lists hold one. */
function packList(rdatas: readonly Octets[]): string {
  const { length } = rdatas;
  const first = rdatas[0];
  if (first === undefined) return NONE;
  let body = String.fromCharCode(
    (length >>> 8) & 0xff,
    length & 0xff,
    (first.length >>> 8) & 0xff,
    first.length & 0xff,
  );
  body += first;
  for (let i = 1; i < length; i++) body += octets16(rdatas[i]!.length) + rdatas[i]!;
  return body;
}

export function readRdatas(reader: BodyReader, name: DomainName, type: number, ttl: number): RRset {
  return { name, type, ttl, rdatas: readList(reader), signatures: readList(reader) };
}

function readList(reader: BodyReader): Octets[] {
  const list: Octets[] = [];
  for (let count = reader.uint16(); count > 0; count--) list.push(reader.octets(reader.uint16()));
  return list;
}

/** A whole RRset with its name and type. */
export function packRrset(rrset: RRset): string {
  return octets16(rrset.type) + rrset.name + packRdatas(rrset);
}

export function readRrset(reader: BodyReader, ttl: number): RRset {
  const type = reader.uint16();
  return readRdatas(reader, reader.name(), type, ttl);
}
