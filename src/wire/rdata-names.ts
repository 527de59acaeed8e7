/**
 * Where domain names sit inside RDATA: which must be decompressed when read, may be compressed when written, and are
 * in lower case in canonical form. Types that are absent hold no such names, or (SVCB, HIP, LP ...) postdate
 * RFC 3597 §4: their names are never compressed and stay as they are, so their RDATA is opaque here.
 */
import { MAX_LABEL_OCTETS, MAX_NAME_OCTETS } from '../dns/name.js';
import { Type } from '../dns/numbers.js';
import type { Octets } from '../dns/octets.js';

/** A part of RDATA: so many octets when positive, else one of the constants below. */
type RdataPart = number;
/** A domain name. */
export const NAME = 0;
/** A length octet and so many octets (RFC 1035 §3.3). */
export const CHARACTER_STRING = -1;
/** All that is left, perhaps nothing. Only ever the last part. */
export const REST = -2;

export interface RdataLayout {
  readonly parts: readonly RdataPart[];
  /** Names may be compressed in messages: the types of RFC 1035 alone (RFC 3597 §4). */
  readonly compress: boolean;
  /** Names are in lower case in canonical form: RFC 4034 §6.2 less NSEC, which RFC 6840 §5.1 took out. */
  readonly lowerCase: boolean;
}

const FROM_RFC_1035: readonly (readonly [type: number, ...parts: RdataPart[]])[] = [
  [Type.NS, NAME],
  [Type.MD, NAME],
  [Type.MF, NAME],
  [Type.CNAME, NAME],
  [Type.SOA, NAME, NAME, 20],
  [Type.MB, NAME],
  [Type.MG, NAME],
  [Type.MR, NAME],
  [Type.PTR, NAME],
  [Type.MINFO, NAME, NAME],
  [Type.MX, 2, NAME],
];

/** RFC 3597 §4: a receiver must decompress the first eight. KX, DNAME, RRSIG and NSEC: some writer has compressed them. */
const LATER: readonly (readonly [type: number, ...parts: RdataPart[]])[] = [
  [Type.RP, NAME, NAME],
  [Type.AFSDB, 2, NAME],
  [Type.RT, 2, NAME],
  [Type.SIG, 18, NAME, REST],
  [Type.PX, 2, NAME, NAME],
  [Type.NXT, NAME, REST],
  [Type.NAPTR, 4, CHARACTER_STRING, CHARACTER_STRING, CHARACTER_STRING, NAME],
  [Type.SRV, 6, NAME],
  [Type.KX, 2, NAME],
  [Type.DNAME, NAME],
  [Type.RRSIG, 18, NAME, REST],
  [Type.NSEC, NAME, REST],
];

// An array, not a Map: it is read once for every record. All these types are below 48.
const layouts: (RdataLayout | undefined)[] = new Array(Type.DNSKEY).fill(undefined);
for (const [type, ...parts] of FROM_RFC_1035) layouts[type] = { parts, compress: true, lowerCase: true };
for (const [type, ...parts] of LATER) layouts[type] = { parts, compress: false, lowerCase: type !== Type.NSEC };

/** Where names sit in the RDATA of a type; undefined when it has none that concern this folder. */
export function rdataLayout(type: number): RdataLayout | undefined {
  return type < layouts.length ? layouts[type] : undefined;
}

/** Whether uncompressed RDATA is made as its layout says: it may come from a zone file in RFC 3597 form, or be empty. */
export function fitsLayout(layout: RdataLayout, rdata: Octets): boolean {
  let at = 0;
  for (const part of layout.parts) at = partEnd(part, rdata, at);
  return at === rdata.length;
}

/** The offset behind the part of uncompressed RDATA that starts at `at`; beyond every RDATA when it is malformed. */
export function partEnd(part: number, rdata: Octets, at: number): number {
  if (part === NAME) return nameEnd(rdata, at);
  if (part === REST) return Math.max(at, rdata.length);
  if (part === CHARACTER_STRING) return at < rdata.length ? at + 1 + rdata.charCodeAt(at) : Number.POSITIVE_INFINITY;
  return at + part;
}

function nameEnd(octets: Octets, at: number): number {
  for (let pos = at; pos < octets.length; ) {
    const length = octets.charCodeAt(pos);
    pos += length + 1;
    if (length > MAX_LABEL_OCTETS || pos - at > MAX_NAME_OCTETS) break;
    if (length === 0) return pos;
  }
  return Number.POSITIVE_INFINITY;
}
