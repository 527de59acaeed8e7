/**
 * By which name does a resolver tell a zone which of its keys it trusts? (RFC 8145 §5)
 *
 * The other way of RFC 8145, the edns-key-tag option of §4, is not sent: it would go out with every DNSKEY query, to
 * whichever server is asked, and who counts trust anchors (the root) reads the queries of §5.
 */
import { type DomainName, prepend } from '../dns/name.js';

/** `_ta-` and five characters for each further tag must fit a label of 63 octets. */
const MAX_TAGS = 12;

/**
 * `_ta-4f66-9728.` for the tags 20326 and 38696 of the root. Undefined when nothing is trusted, or when the name would
 * be too long. @param tags ascending, each once
 */
export function tagSignalName(zone: DomainName, tags: readonly number[]): DomainName | undefined {
  if (tags.length === 0) return undefined;
  const digits = tags.slice(0, MAX_TAGS).map((tag) => tag.toString(16).padStart(4, '0'));
  return prepend(`_ta-${digits.join('-')}`, zone);
}
