/**
 * Which octets does a signature sign? The RRSIG RDATA without its signature, then every record of the RRset in canonical
 * form and order (RFC 4034 §3.1.8.1, §6; RFC 6840 §5.1).
 */
import { RRSIG_FIXED_OCTETS, type Rrsig } from '../dns/dnssec-rdata.js';
import { type DomainName, firstLabel, labelCount, lastLabels, prepend } from '../dns/name.js';
import { Class } from '../dns/numbers.js';
import { type Octets, octets16, octets32 } from '../dns/octets.js';

/** Labels as the RRSIG labels field counts them: a leading `*` does not count (RFC 4034 §3.1.3). */
export function signedLabelCount(owner: DomainName): number {
  return firstLabel(owner) === '*' ? labelCount(owner) - 1 : labelCount(owner);
}

/**
 * The name whose `*` child was signed in place of `owner` (RFC 4035 §5.3.2): the closest encloser of an expanded
 * wildcard; undefined when `owner` itself was signed.
 */
export function expandedFrom(owner: DomainName, labels: number): DomainName | undefined {
  return labels < signedLabelCount(owner) ? lastLabels(owner, labels) : undefined;
}

/**
 * The signed octets in one buffer.
 * @param owner of the RRset as received
 * @param type of the RRset
 * @param rdatas in canonical form and order, without duplicates
 */
export function signedData(rrsig: Rrsig, owner: DomainName, type: number, rdatas: readonly Octets[]): Buffer {
  const encloser = expandedFrom(owner, rrsig.labels);
  // `*` in place of at least one label of a name that fits: it always fits.
  const signedOwner = encloser === undefined ? owner : prepend('*', encloser)!;
  // The original TTL, not the one received, which caches count down.
  const head = signedOwner + octets16(type) + octets16(Class.IN) + octets32(rrsig.originalTtl);
  // Put together as a string and made a buffer once: a third faster than writing the parts into a buffer. And with `+`:
  // between verifications, when caches are cold, join() took 3 us more.
  let data: string = rrsig.rdata.slice(0, RRSIG_FIXED_OCTETS) + rrsig.signer;
  for (const rdata of rdatas) data += head + octets16(rdata.length) + rdata;
  return Buffer.from(data, 'latin1');
}
