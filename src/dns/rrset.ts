/** Resource records and RRsets (RFC 2181 §5). RDATA is uncompressed wire octets, spelling kept. */
import type { DomainName } from './name.js';
import { nameAt } from './name.js';
import { Class, Type } from './numbers.js';
import { type Octets, uint16At, uint32At } from './octets.js';

/** The largest TTL, RFC 2181 §8. */
const MAX_TTL = 0x7fffffff;

/** One record as it stands in a message. */
export interface ResourceRecord {
  readonly name: DomainName;
  readonly type: number;
  readonly class: number;
  /** Seconds, 0..2^32-1 as on the wire; see effectiveTtl. */
  readonly ttl: number;
  readonly rdata: Octets;
}

/** All records of one owner name and type, class IN, with the RRSIG RDATA that covers them. */
export interface RRset {
  readonly name: DomainName;
  readonly type: number;
  /** Seconds; the smallest of its records (RFC 2181 §5.2). */
  readonly ttl: number;
  /** No two alike, in the order received. Never empty. */
  readonly rdatas: readonly Octets[];
  /** RDATA of the RRSIG records covering this RRset; empty when unsigned. */
  readonly signatures: readonly Octets[];
}

/** RFC 8767 §4 reads RFC 2181 §8 anew: a TTL with its highest bit set is large, not zero; it is capped. */
export function effectiveTtl(ttl: number): number {
  return ttl > MAX_TTL ? MAX_TTL : ttl;
}

/**
 * Records of class IN gathered into RRsets in order of first appearance, duplicates dropped, RRSIGs attached to what
 * they cover. RRSIGs that cover nothing here become RRsets of type RRSIG of their own.
 */
export function groupRecords(records: readonly ResourceRecord[]): RRset[] {
  const groups = new Groups();
  let signatures: ResourceRecord[] | undefined;
  for (const record of records) {
    if (record.class !== Class.IN) continue;
    if (record.type !== Type.RRSIG) groups.add(record);
    else if (signatures === undefined) signatures = [record];
    else signatures.push(record);
  }
  for (const record of signatures ?? []) {
    const { rdata } = record;
    const covered = rdata.length >= 2 ? groups.find(record.name, uint16At(rdata, 0)) : undefined;
    if (covered === undefined) groups.add(record);
    else if (!covered.signatures.includes(rdata)) covered.signatures.push(rdata);
  }
  return groups.all;
}

interface Group {
  readonly name: DomainName;
  readonly type: number;
  ttl: number;
  readonly rdatas: Octets[];
  readonly signatures: Octets[];
}

/** So many are gone through faster than a Map is made. */
const FEW = 8;

/** HOT: a reply has a few RRsets in each section; a zone, or a hostile message, has thousands. */
class Groups {
  readonly all: Group[] = [];
  #byKey: Map<string, Group> | undefined;

  find(name: DomainName, type: number): Group | undefined {
    if (this.#byKey !== undefined) return this.#byKey.get(rrsetKey(name, type));
    for (const group of this.all) if (group.type === type && group.name === name) return group;
    return undefined;
  }

  add({ name, type, ttl, rdata }: ResourceRecord): void {
    const group = this.find(name, type);
    if (group === undefined) this.#put({ name, type, ttl: effectiveTtl(ttl), rdatas: [rdata], signatures: [] });
    else {
      group.ttl = Math.min(group.ttl, effectiveTtl(ttl));
      if (!group.rdatas.includes(rdata)) group.rdatas.push(rdata);
    }
  }

  #put(group: Group): void {
    this.all.push(group);
    if (this.#byKey !== undefined) this.#byKey.set(rrsetKey(group.name, group.type), group);
    else if (this.all.length > FEW) {
      this.#byKey = new Map(this.all.map((each) => [rrsetKey(each.name, each.type), each]));
    }
  }
}

/** One string for owner and type: a Map key. */
export function rrsetKey(name: DomainName, type: number): string {
  return String.fromCharCode(type >>> 8, type & 0xff) + name;
}

/** The records of an RRset, its RRSIGs after them when `withSignatures`. */
export function* recordsOf(rrset: RRset, withSignatures: boolean): Generator<ResourceRecord> {
  const { name, type, ttl } = rrset;
  for (const rdata of rrset.rdatas) yield { name, type, class: Class.IN, ttl, rdata };
  if (!withSignatures) return;
  for (const rdata of rrset.signatures) yield { name, type: Type.RRSIG, class: Class.IN, ttl, rdata };
}

/** The domain name an RDATA of NS, CNAME, DNAME or PTR holds; undefined when it is malformed. */
export function targetOf(rdata: Octets): DomainName | undefined {
  const name = nameAt(rdata, 0);
  return name !== undefined && name.length === rdata.length ? name : undefined;
}

/** The fields of SOA RDATA, RFC 1035 §3.3.13. Times in seconds. */
export interface Soa {
  readonly mname: DomainName;
  readonly rname: DomainName;
  readonly serial: number;
  readonly refresh: number;
  readonly retry: number;
  readonly expire: number;
  readonly minimum: number;
}

/** SOA RDATA taken apart; undefined when it is malformed. */
export function soaOf(rdata: Octets): Soa | undefined {
  const mname = nameAt(rdata, 0);
  const rname = mname && nameAt(rdata, mname.length);
  if (mname === undefined || rname === undefined) return undefined;
  const at = mname.length + rname.length;
  if (rdata.length !== at + 20) return undefined;
  const field = (index: number): number => uint32At(rdata, at + 4 * index);
  return { mname, rname, serial: field(0), refresh: field(1), retry: field(2), expire: field(3), minimum: field(4) };
}
