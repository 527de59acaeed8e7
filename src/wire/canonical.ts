/**
 * RDATA as it is signed and digested: the canonical form and order of RFC 4034 §6.2 and §6.3.
 *
 * RDATA is already uncompressed and owner names already in lower case; what is left are names inside RDATA and the
 * order. A6, which RFC 4034 §6.2 names too, was made historic by RFC 6563 and is taken as it is.
 */
import { lowerCaseOctets } from '../dns/name.js';
import type { Octets } from '../dns/octets.js';
import { fitsLayout, NAME, partEnd, rdataLayout } from './rdata-names.js';

/** RDATA with the names of the types RFC 4034 §6.2 lists in lower case (NSEC apart: RFC 6840 §5.1). */
export function canonicalRdata(type: number, rdata: Octets): Octets {
  const layout = rdataLayout(type);
  if (!layout?.lowerCase || !fitsLayout(layout, rdata)) return rdata;
  let at = 0;
  let canonical = '';
  for (const part of layout.parts) {
    const end = partEnd(part, rdata, at);
    const octets = rdata.slice(at, end) as Octets;
    canonical += part === NAME ? lowerCaseOctets(octets) : octets;
    at = end;
  }
  return canonical as Octets;
}

/** The RDATA of an RRset in canonical form and order (RFC 4034 §6.3), duplicates dropped as that section demands. */
export function canonicalRdatas(type: number, rdatas: readonly Octets[]): readonly Octets[] {
  const canonical = rdataLayout(type)?.lowerCase ? rdatas.map((rdata) => canonicalRdata(type, rdata)) : rdatas;
  // Most sets are of one record, or come in order.
  if (isInOrder(canonical)) return canonical;
  // The default order of strings is that of code units: of one-byte strings, that of unsigned octets, shorter first.
  const sorted = [...canonical].sort();
  return isInOrder(sorted) ? sorted : [...new Set(sorted)];
}

function isInOrder(rdatas: readonly Octets[]): boolean {
  for (let i = 1; i < rdatas.length; i++) if (rdatas[i - 1]! >= rdatas[i]!) return false;
  return true;
}
