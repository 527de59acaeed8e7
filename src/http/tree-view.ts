/** How does the way down to a name look to programs and people? With what is missing on it, in words. */
import { nameToText } from '../dns/name.js';
import type { KeyLink, ZoneOnTheWay, ZoneTree } from '../ports/cache-inspection.js';
import { type EntrySummary, entrySummary } from './views.js';

export interface TreeBody {
  readonly name: string;
  readonly zones: readonly {
    readonly zone: string;
    /** What the parent said; null when it is not held (any more). Seconds. */
    readonly delegation: {
      readonly ttlLeft: number;
      readonly ttlOriginal: number;
      readonly server: string;
      readonly storedAt: string;
      readonly hits: number;
      readonly servers: readonly { readonly name: string; readonly glue: readonly string[]; readonly known: number }[];
    } | null;
    readonly ds: KeyLink | null;
    readonly dnskey: KeyLink | null;
    /** What would have to be asked for, in words. */
    readonly missing: readonly string[];
  }[];
  /** What is held of the name itself. */
  readonly entries: readonly EntrySummary[];
  /** An ancestor known not to exist. */
  readonly deniedAt: string | null;
}

export function treeBody({ name, zones, entries, deniedAt }: ZoneTree): TreeBody {
  return {
    name: nameToText(name),
    zones: zones.map((zone, i) => zoneBody(zone, zones[i - 1])),
    entries: entries.map(entrySummary),
    deniedAt: deniedAt === undefined ? null : nameToText(deniedAt),
  };
}

function zoneBody(at: ZoneOnTheWay, above: ZoneOnTheWay | undefined): TreeBody['zones'][number] {
  const { zone, delegation, servers, ds, dnskey } = at;
  return {
    zone: nameToText(zone),
    delegation:
      delegation === undefined
        ? null
        : {
            ttlLeft: delegation.ttlLeft,
            ttlOriginal: delegation.ttlOriginal,
            server: delegation.provenance.server,
            storedAt: new Date(delegation.storedAt).toISOString(),
            hits: delegation.hits,
            servers: servers.map(({ name, glue, known }) => ({ name: nameToText(name), glue, known })),
          },
    ds: ds ?? null,
    dnskey: dnskey ?? null,
    missing: missingOf(at, above),
  };
}

function missingOf({ delegation, servers, ds, dnskey }: ZoneOnTheWay, above: ZoneOnTheWay | undefined): string[] {
  const missing: string[] = [];
  if (delegation === undefined) {
    missing.push(
      above === undefined
        ? 'the servers of the root: the hints will be asked'
        : `the delegation: ${nameToText(above.zone)} will be asked`,
    );
  } else if (servers.every(({ glue, known }) => glue.length + known === 0)) {
    missing.push('an address of any of its servers: one will be looked up');
  }
  if (above?.dnskey?.security === 'secure' && ds === undefined) missing.push('whether it is signed: its DS');
  if (ds?.kind === 'held' && dnskey === undefined) missing.push('its keys: DNSKEY');
  return missing;
}
