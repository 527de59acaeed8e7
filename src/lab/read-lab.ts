/** Which servers, zones, hints and trust anchors does this directory of lab.yaml and *.zone files make? */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { addressFromRdata } from '../dns/address.js';
import { type DomainName, ROOT } from '../dns/name.js';
import { Type } from '../dns/numbers.js';
import { targetOf } from '../dns/rrset.js';
import { rdataToText } from '../presentation/rdata-text.js';
import type { Fault } from './faults.js';
import { LabError, type LabMap, parseLabMap, type Suggestion } from './lab-map.js';
import { type SignedLab, signLab } from './sign-lab.js';
import { loadZone, type Zone, ZoneFileError } from './zone.js';

export interface LabServer {
  readonly name: string;
  readonly address: string;
  readonly zones: readonly Zone[];
  readonly faults: readonly Fault[];
}

/** A name server of the root and its addresses, as a resolver's root hints want them. */
export interface RootHint {
  readonly name: DomainName;
  readonly addresses: readonly string[];
}

export interface Lab {
  readonly servers: readonly LabServer[];
  readonly hints: readonly RootHint[];
  /** DS records of the root, ". IN DS ..."; none when it is not signed. */
  readonly trustAnchors: readonly string[];
  readonly suggestions: readonly Suggestion[];
}

/**
 * Reads `lab.yaml` and the zone files it names, and signs the zones it wants signed, at `now` (seconds since 1970).
 * Throws LabError with every problem found in them.
 */
export async function readLab(directory: string, now: number): Promise<Lab> {
  const mapFile = join(directory, 'lab.yaml');
  const map = parseLabMap(await readText(mapFile), mapFile);
  const { zones, ds } = signed(await readZones(directory, map), map, mapFile, now);
  const servers = map.servers.map((server) => ({
    ...server,
    zones: server.zones.map((file) => zones.get(file)!),
  }));
  const root = servers.flatMap((server) => server.zones).find((zone) => zone.apex === ROOT);
  if (root === undefined) throw new LabError([`${mapFile}: servers: none of them serves a root zone`]);
  const trustAnchors = (ds.get(ROOT) ?? []).map((rdata) => `. IN DS ${rdataToText(Type.DS, rdata)}`);
  return { servers, hints: hintsFrom(root), trustAnchors, suggestions: map.suggestions };
}

async function readZones(directory: string, map: LabMap): Promise<Map<string, Zone>> {
  const zones = new Map<string, Zone>();
  const problems: string[] = [];
  for (const name of new Set(map.servers.flatMap((server) => server.zones))) {
    const file = join(directory, `${name}.zone`);
    try {
      zones.set(name, loadZone(await readText(file), { file }));
    } catch (error) {
      if (!(error instanceof ZoneFileError || error instanceof LabError)) throw error;
      problems.push(...error.problems);
    }
  }
  if (problems.length > 0) throw new LabError(problems);
  return zones;
}

function signed(zones: ReadonlyMap<string, Zone>, map: LabMap, mapFile: string, now: number): SignedLab {
  try {
    return signLab(zones, map.dnssec, now);
  } catch (error) {
    if (error instanceof RangeError) throw new LabError([`${mapFile}: dnssec.${error.message}`]);
    throw error;
  }
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new LabError([`${file}: cannot be read: ${(error as Error).message}`]);
  }
}

/** The NS RRset at the apex of the root and the addresses beside it (RFC 9609: what priming will confirm). */
function hintsFrom(root: Zone): RootHint[] {
  const hints: RootHint[] = [];
  for (const rdata of root.rrset(ROOT, Type.NS)?.rdatas ?? []) {
    const name = targetOf(rdata);
    if (name === undefined) continue;
    const rdatas = [Type.A, Type.AAAA].flatMap((type) => root.rrset(name, type)?.rdatas ?? []);
    hints.push({ name, addresses: rdatas.map(addressFromRdata).filter((address) => address !== undefined) });
  }
  return hints;
}
