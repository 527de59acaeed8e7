/** HOT. RDATA of a record in a message to uncompressed octets, exactly as long as its RDLENGTH says. */
import { Class, Type, typeToText } from '../dns/numbers.js';
import { NO_OCTETS, type Octets } from '../dns/octets.js';
import type { NameReader } from './names.js';
import { CHARACTER_STRING, NAME, type RdataLayout, REST, rdataLayout } from './rdata-names.js';
import { WireError } from './wire-error.js';

/** RDATA as long as can be, and what decompression adds: at most two names of 255 octets. */
const scratch = Buffer.allocUnsafe(0xffff + 2 * 255);

/**
 * The RDATA between two offsets of the message. Names of the types in rdata-names are decompressed, spelling kept;
 * everything else is copied unseen, so a record of an odd new type never costs the whole message (RFC 3597 §3).
 * Throws WireError when the RDATA of one of those types, of A or of AAAA cannot be right.
 */
export function readRdata(bytes: Buffer, names: NameReader, where: RdataPlace): Octets {
  const { type, at, end } = where;
  if (type === Type.A && where.class === Class.IN) {
    if (end - at === 4) return fourOctets(bytes, at);
  } else if (type === Type.AAAA && where.class === Class.IN) {
    if (end - at === 16) return bytes.latin1Slice(at, end) as Octets;
  } else {
    const layout = rdataLayout(type);
    if (layout === undefined) return at === end ? NO_OCTETS : (bytes.latin1Slice(at, end) as Octets);
    if (at < end) return layout.parts.length === 1 ? onlyName(names, where) : withNames(bytes, names, layout, where);
  }
  // UPDATE speaks of whole RRsets with records of these classes that have no RDATA (RFC 2136 §2.4, §2.5).
  if (at === end && (where.class === Class.ANY || where.class === Class.NONE)) return NO_OCTETS;
  throw malformed(type, at);
}

/** Whose RDATA, and where: from `at` to `end` (exclusive), octets from the start of the message. */
interface RdataPlace {
  readonly type: number;
  readonly class: number;
  readonly at: number;
  readonly end: number;
}

/** A quarter of the time latin1Slice takes for so little: it does not leave JavaScript. */
function fourOctets(bytes: Buffer, at: number): Octets {
  return String.fromCharCode(bytes[at]!, bytes[at + 1]!, bytes[at + 2]!, bytes[at + 3]!) as Octets;
}

function onlyName(names: NameReader, { type, at, end }: RdataPlace): Octets {
  const name = names.read(at, end);
  if (names.end !== end) throw malformed(type, at);
  return name;
}

/** Most RDATA has no pointer in it and is copied at once. */
function withNames(bytes: Buffer, names: NameReader, layout: RdataLayout, { type, at, end }: RdataPlace): Octets {
  let pos = at;
  let compressed = false;
  for (const part of layout.parts) {
    if (part === NAME) {
      if (names.skip(pos, end)) compressed = true;
      pos = names.end;
    } else {
      pos = partEnd(bytes, part, pos, end);
      if (pos > end) throw malformed(type, at);
    }
  }
  if (pos !== end) throw malformed(type, at);
  return compressed ? expanded(bytes, names, layout, at, end) : (bytes.latin1Slice(at, end) as Octets);
}

/** Where a part other than a name ends; beyond `end` when the RDATA is too short for it. */
function partEnd(bytes: Buffer, part: number, at: number, end: number): number {
  if (part === REST) return end;
  if (part === CHARACTER_STRING) return at < end ? at + 1 + bytes[at]! : end + 1;
  return at + part;
}

/** The octets with every name written out. The layout is known to fit. */
function expanded(bytes: Buffer, names: NameReader, layout: RdataLayout, at: number, end: number): Octets {
  let pos = at;
  let written = 0;
  for (const part of layout.parts) {
    if (part === NAME) {
      written = names.expand(pos, end, scratch, written);
      pos = names.end;
    } else {
      const stop = partEnd(bytes, part, pos, end);
      bytes.copy(scratch, written, pos, stop);
      written += stop - pos;
      pos = stop;
    }
  }
  // What is uncompressed must still be RDATA: its length has 16 bits.
  if (written > 0xffff) throw new WireError('RDATA is longer than 65535 octets once decompressed', at);
  return scratch.latin1Slice(0, written) as Octets;
}

function malformed(type: number, at: number): WireError {
  return new WireError(`the RDATA of a ${typeToText(type)} record has the wrong length`, at);
}
