/** What iteration is given to work with: its settings and the seams to the rest. */

import type { Cache } from '../cache/cache.js';
import type { ServerBook } from '../cache/server-book.js';
import type { DoNotQuery } from '../config/do-not-query.js';
import type { NameServer } from '../dns/delegation.js';
import type { DomainName } from '../dns/name.js';
import type { Octets } from '../dns/octets.js';
import type { PassingMap } from '../dns/passing-map.js';
import type { Clock } from '../ports/clock.js';
import type { Exchange } from '../ports/exchange.js';
import type { Lookup, LookupContext } from '../ports/lookup.js';
import type { Random } from '../ports/random.js';
import type { AskableServers } from './askable-servers.js';
import type { PendingExchange } from './exchange-once.js';
import type { Minimisation } from './minimise.js';
import type { ConfiguredCut } from './zone-cut.js';

export interface IteratorSettings {
  /** Port of authoritative servers. */
  readonly port: number;
  readonly ipv4: boolean;
  readonly ipv6: boolean;
  readonly minimisation: Minimisation;
  readonly caseRandomisation: boolean;
  readonly cookies: boolean;
  readonly ednsBufferSize: number;
  /** DO in queries: off while nothing is validated. */
  readonly dnssecOk: boolean;
  /** Addresses never asked. */
  readonly doNotQuery: Pick<DoNotQuery, 'has'>;
  readonly hints: readonly NameServer[];
  readonly isPrivate: ((name: DomainName, type: number, rdata: Octets) => boolean) | undefined;
  /** Bounds, see config/limits.ts. */
  readonly maxAliases: number;
  readonly maxDepth: number;
  readonly maxServers: number;
  readonly maxAddresses: number;
  readonly maxMinimised: number;
  readonly maxRecords: number;
}

/** What is handed in. */
export interface IteratorParts {
  readonly settings: IteratorSettings;
  readonly cache: Cache;
  readonly book: ServerBook;
  readonly exchange: Exchange;
  readonly clock: Clock;
  readonly random: Random;
  readonly lookup: Lookup;
  /** False when what was known of the name was flushed since, or another configuration has taken over. */
  readonly mayKeep: (name: DomainName, context: LookupContext) => boolean;
  readonly configured: ConfiguredCut | undefined;
  /** Exchanges on the wire, by server, question and manner: equal ones are joined. */
  readonly pending: PassingMap<string, PendingExchange>;
}

export interface IteratorEnvironment extends IteratorParts {
  readonly askable: AskableServers;
}
