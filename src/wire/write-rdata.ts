/** HOT. RDATA into a message: names of RFC 1035's own types compressed, all else as it is (RFC 3597 §4). */
import { MAX_LABEL_OCTETS, MAX_NAME_OCTETS } from '../dns/name.js';
import type { Octets } from '../dns/octets.js';
import { NAME, type RdataLayout, rdataLayout } from './rdata-names.js';
import type { Writer } from './writer.js';

/** Appends RDATA without its length. Throws RangeError when it is longer than RDLENGTH can say. */
export function writeRdata(writer: Writer, type: number, rdata: Octets): void {
  if (rdata.length > 0xffff) throw new RangeError(`RDATA of ${rdata.length} octets is longer than 65535`);
  const layout = rdataLayout(type);
  if (layout?.compress && fits(layout, rdata)) writeCompressed(writer, layout, rdata);
  else writer.octets(rdata);
}

/** Whether the RDATA is made as its type's is: it may come from a zone file in RFC 3597 form, or be empty (UPDATE). */
function fits(layout: RdataLayout, rdata: Octets): boolean {
  let at = 0;
  for (const part of layout.parts) at = part === NAME ? nameEnd(rdata, at) : at + part;
  return at === rdata.length;
}

function writeCompressed(writer: Writer, layout: RdataLayout, rdata: Octets): void {
  let at = 0;
  for (const part of layout.parts) {
    const end = part === NAME ? nameEnd(rdata, at) : at + part;
    if (part !== NAME) writer.octets(rdata, at, end);
    else writer.compressed(end - at === rdata.length ? rdata : (rdata.slice(at, end) as Octets));
    at = end;
  }
}

/** The offset behind the uncompressed name at `at`; beyond every RDATA when there is no well-formed one. */
function nameEnd(octets: Octets, at: number): number {
  for (let pos = at; pos < octets.length; ) {
    const length = octets.charCodeAt(pos);
    pos += length + 1;
    if (length > MAX_LABEL_OCTETS || pos - at > MAX_NAME_OCTETS) break;
    if (length === 0) return pos;
  }
  return Number.POSITIVE_INFINITY;
}
