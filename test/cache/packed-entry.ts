/** Entries for shelves: a packed head that tells a cost, and a body of so many octets. */
import { storeKey } from '../../src/cache/entry.js';
import { packHead } from '../../src/cache/pack.js';
import type { DomainName } from '../../src/dns/name.js';
import { Credibility } from '../../src/dns/provenance.js';
import { rrsetKey } from '../../src/dns/rrset.js';

export function rrsetEntryKey(name: DomainName, type: number): string {
  return storeKey('rrset', rrsetKey(name, type));
}

/** @param costMs milliseconds its fetching took @param octets of the body */
export function packedEntry(costMs: number, octets: number): string {
  const head = packHead({
    storedAt: 0,
    ttlOriginal: 300,
    security: { kind: 'insecure' },
    provenance: {
      server: '192.0.2.53:53',
      transport: 'udp',
      section: 'answer',
      credibility: Credibility.answerAuthoritative,
      askedFor: 'example. A',
      costMs,
      costExchanges: 1,
    },
  });
  return head + '\0'.repeat(octets);
}
