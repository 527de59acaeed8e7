/** The bodies of packed entries, by kind: what follows the head of pack.ts. Our own octets, so nothing is checked. */
import type { Delegation } from '../dns/delegation.js';
import type { ExtendedError } from '../dns/extended-error.js';
import type { DomainName } from '../dns/name.js';
import { octets16, octets32, octetsFrom } from '../dns/octets.js';
import type { RRset } from '../dns/rrset.js';
import { type Entry, secondsLeft } from './entry.js';
import { BodyReader, bodyStart, packRrset, packText, readRdatas, readRrset } from './pack.js';

function left(entry: Entry, now: number): number {
  return Math.max(0, secondsLeft(entry, now));
}

export function unpackPositive(
  entry: Entry,
  name: DomainName,
  type: number,
  now: number,
): { rrset: RRset; proof: RRset[] | undefined } {
  const ttl = left(entry, now);
  const reader = new BodyReader(entry.packed, bodyStart(entry.packed));
  const rrset = readRdatas(reader, name, type, ttl);
  if (reader.atEnd) return { rrset, proof: undefined };
  const proof: RRset[] = [];
  while (!reader.atEnd) proof.push(readRrset(reader, ttl));
  return { rrset, proof };
}

export function unpackRrset(entry: Entry, name: DomainName, type: number, now: number): RRset {
  return readRdatas(new BodyReader(entry.packed, bodyStart(entry.packed)), name, type, left(entry, now));
}

/** Bits of the first octet of a negative entry's body. */
export const HAS_SOA = 1;
const IS_COMPACT = 2;

export function unpackNegative(entry: Entry, now: number): { soa: RRset | undefined; proof: RRset[]; compact?: true } {
  const ttl = left(entry, now);
  const reader = new BodyReader(entry.packed, bodyStart(entry.packed));
  const bits = reader.uint8();
  const soa = bits & HAS_SOA ? readRrset(reader, ttl) : undefined;
  const proof: RRset[] = [];
  while (!reader.atEnd) proof.push(readRrset(reader, ttl));
  return bits & IS_COMPACT ? { soa, proof, compact: true } : { soa, proof };
}

export function packNegative(soa: RRset | undefined, proof: readonly RRset[], compact: boolean): string {
  let body: string = octetsFrom((soa === undefined ? 0 : HAS_SOA) | (compact ? IS_COMPACT : 0));
  if (soa !== undefined) body += packRrset(soa);
  for (const rrset of proof) body += packRrset(rrset);
  return body;
}

/** At most eight reasons. @param backoff seconds */
export function packFailure(backoff: number, because: readonly ExtendedError[]): string {
  let body = octets32(backoff) + octetsFrom(Math.min(because.length, 8));
  for (const error of because.slice(0, 8)) body += octets16(error.code) + packText(error.text);
  return body;
}

export function unpackFailure(entry: Entry): { backoff: number; because: ExtendedError[] } {
  const reader = new BodyReader(entry.packed, bodyStart(entry.packed));
  const backoff = reader.uint32();
  const because: ExtendedError[] = [];
  for (let count = reader.uint8(); count > 0; count--) because.push({ code: reader.uint16(), text: reader.text() });
  return { backoff, because };
}

export function packDelegation(delegation: Delegation): string {
  let body: string = octets16(delegation.servers.length);
  for (const server of delegation.servers) {
    body += server.name + octetsFrom(server.addresses.length);
    for (const address of server.addresses) body += octetsFrom(address.length) + address;
  }
  body += delegation.ds === undefined ? octetsFrom(0) : octetsFrom(1) + packRrset(delegation.ds);
  return body + delegation.denial.map(packRrset).join('');
}

export function unpackDelegation(entry: Entry, zone: DomainName, now: number): Delegation {
  const reader = new BodyReader(entry.packed, bodyStart(entry.packed));
  const ttl = left(entry, now);
  const servers: { name: DomainName; addresses: string[] }[] = [];
  for (let count = reader.uint16(); count > 0; count--) {
    const name = reader.name();
    const addresses: string[] = [];
    for (let n = reader.uint8(); n > 0; n--) addresses.push(reader.octets(reader.uint8()));
    servers.push({ name, addresses });
  }
  const ds = reader.uint8() === 1 ? readRrset(reader, ttl) : undefined;
  const denial: RRset[] = [];
  while (!reader.atEnd) denial.push(readRrset(reader, ttl));
  return { zone, servers, ds, denial, ttl };
}
