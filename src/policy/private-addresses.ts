/** Does this RDATA name an address inside the operator's own network (DNS rebinding)? */
import type { PrefixSet } from '../dns/address.js';
import { nameAt } from '../dns/name.js';
import { Type } from '../dns/numbers.js';
import { type Octets, sliceOctets, uint16At } from '../dns/octets.js';

/**
 * Whether an A or AAAA record, or an address hint of an SVCB or HTTPS record (RFC 9460 §7.3), lies in `prefixes`.
 * False for any other type. Of a malformed SVCB record what can be read is judged: others may read it likewise.
 */
export function isPrivateRdata(prefixes: PrefixSet, type: number, rdata: Octets): boolean {
  if (prefixes.isEmpty) return false;
  switch (type) {
    case Type.A:
      return rdata.length === 4 && prefixes.hasOctets(rdata);
    case Type.AAAA:
      return rdata.length === 16 && prefixes.hasOctets(rdata);
    case Type.SVCB:
    case Type.HTTPS:
      return hasPrivateHint(prefixes, rdata);
    default:
      return false;
  }
}

/** SvcParamKeys, RFC 9460 §14.3.2: the addresses stand one after the other, of this many octets each. */
const HINT_OCTETS: ReadonlyMap<number, number> = new Map([
  [4, 4], // ipv4hint
  [6, 16], // ipv6hint
]);

function hasPrivateHint(prefixes: PrefixSet, rdata: Octets): boolean {
  const target = nameAt(rdata, 2);
  if (target === undefined) return false;
  for (let at = 2 + target.length; at + 4 <= rdata.length; ) {
    const width = HINT_OCTETS.get(uint16At(rdata, at));
    const start = at + 4;
    const end = Math.min(start + uint16At(rdata, at + 2), rdata.length);
    if (width !== undefined && hasPrivateAddress(prefixes, rdata, start, end, width)) return true;
    at = end;
  }
  return false;
}

function hasPrivateAddress(prefixes: PrefixSet, rdata: Octets, start: number, end: number, width: number): boolean {
  for (let at = start; at + width <= end; at += width) {
    if (prefixes.hasOctets(sliceOctets(rdata, at, at + width))) return true;
  }
  return false;
}
