/** HOT. RDATA into a message: names of RFC 1035's own types compressed, all else as it is (RFC 3597 §4). */
import type { Octets } from '../dns/octets.js';
import { fitsLayout, NAME, partEnd, type RdataLayout, rdataLayout } from './rdata-names.js';
import type { Writer } from './writer.js';

/** Appends RDATA without its length. Throws RangeError when it is longer than RDLENGTH can say. */
export function writeRdata(writer: Writer, type: number, rdata: Octets): void {
  if (rdata.length > 0xffff) throw new RangeError(`RDATA of ${rdata.length} octets is longer than 65535`);
  const layout = rdataLayout(type);
  if (layout?.compress && fitsLayout(layout, rdata)) writeCompressed(writer, layout, rdata);
  else writer.octets(rdata);
}

function writeCompressed(writer: Writer, layout: RdataLayout, rdata: Octets): void {
  let at = 0;
  for (const part of layout.parts) {
    const end = partEnd(part, rdata, at);
    if (part !== NAME) writer.octets(rdata, at, end);
    else writer.compressed(end - at === rdata.length ? rdata : (rdata.slice(at, end) as Octets));
    at = end;
  }
}
