/** What a resolver makes of the word that a zone has changed (RFC 1996): resolver/zone-changes.ts, for server/. */
import type { DomainName } from '../dns/name.js';
import type { Soa } from '../dns/rrset.js';

/**
 * `flushed`: what was cached of the zone is gone. `later`: it will be within limits.notifyInterval, since it was flushed
 * a moment ago. `same`: all that is cached is of that version already. `too-wide`: the zone is too much to be flushed at
 * somebody's word. `crowded`: so many zones wait to be flushed that this one is not remembered.
 */
export type NotifyOutcome = 'flushed' | 'later' | 'same' | 'too-wide' | 'crowded';

/** @param soa the new SOA, as far as the sender hints at it */
export type Notified = (zone: DomainName, soa: Soa | undefined) => NotifyOutcome;
