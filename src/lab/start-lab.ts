/**
 * Starts the lab: every server of a lab map on its loopback address, all on one port.
 *
 * The glue in the zone files is the servers' real addresses, so a resolver that uses this port for its upstreams and may
 * ask loopback walks the lab like the Internet.
 */
import { fileURLToPath } from 'node:url';
import { nameToText } from '../dns/name.js';
import type { Clock } from '../ports/clock.js';
import type { Log } from '../ports/log.js';
import { FAULT_MEANINGS } from './faults.js';
import { LabError, type Suggestion } from './lab-map.js';
import { NameServer } from './name-server.js';
import { type Lab, type LabServer, type RootHint, readLab } from './read-lab.js';

/** The lab's own port: not 53 (root only), not 5300 (rootwalk's), not 5353 (mDNS). */
const DEFAULT_LAB_PORT = 5399;

interface LabOptions {
  /** Holds lab.yaml and its zone files; the built-in lab unless given. */
  readonly zonesDirectory?: string;
  /** UDP and TCP port of every server, 1..65535, 5399 unless given; 0 picks one that is free on all addresses. */
  readonly port?: number;
  readonly log: Log;
  /** Delays the replies of slow servers and says from when signatures are valid; the system's unless given. */
  readonly clock?: Pick<Clock, 'schedule' | 'wall'>;
}

export interface RunningLab {
  readonly port: number;
  readonly hints: readonly RootHint[];
  /** What a validating resolver of this lab trusts: ". IN DS ..." lines. They change with every start. */
  readonly trustAnchors: readonly string[];
  readonly servers: readonly {
    readonly name: string;
    readonly address: string;
    /** Apexes in presentation form. */
    readonly zones: readonly string[];
    /** What is wrong with it, in words. */
    readonly fault?: string;
  }[];
  readonly suggestions: readonly Suggestion[];
  close(): Promise<void>;
}

/** The built-in lab, beside the source in a checkout and beside dist in an installed package. */
export const BUILT_IN_LAB = fileURLToPath(new URL('../../fixtures/lab/', import.meta.url));

/**
 * Reads the lab and starts its servers. Rejects with LabError: files that do not parse, a port that is taken, or
 * addresses this system does not have (macOS), with what to do about it.
 */
export async function startLab(options: LabOptions): Promise<RunningLab> {
  const clock = options.clock ?? systemClock;
  const lab = await readLab(options.zonesDirectory ?? BUILT_IN_LAB, Math.floor(clock.wall() / 1000));
  const { servers, port } = await openAll(lab, clock, options);
  options.log.info({ port, servers: servers.length }, 'lab: started');
  return {
    port,
    hints: lab.hints,
    trustAnchors: lab.trustAnchors,
    servers: lab.servers.map(describe),
    suggestions: lab.suggestions,
    close: () => closeAll(servers),
  };
}

function describe(server: LabServer): RunningLab['servers'][number] {
  const { name, address, faults } = server;
  const zones = server.zones.map((zone) => nameToText(zone.apex));
  if (faults.length === 0) return { name, address, zones };
  return { name, address, zones, fault: faults.map((fault) => FAULT_MEANINGS[fault.kind]).join('; ') };
}

/** A port free on one address may be taken on the next: tries with port 0 are few because that is rare. */
const PORT_TRIES = 20;

async function openAll(
  lab: Lab,
  clock: Pick<Clock, 'schedule'>,
  options: LabOptions,
): Promise<{ servers: NameServer[]; port: number }> {
  const wanted = options.port ?? DEFAULT_LAB_PORT;
  for (let attempt = 1; ; attempt++) {
    const servers: NameServer[] = [];
    let port = wanted;
    let address = '';
    try {
      for (const each of lab.servers) {
        address = each.address;
        const server = new NameServer(each, clock, options.log);
        servers.push(server);
        port = await server.listen(port);
      }
      return { servers, port };
    } catch (error) {
      await closeAll(servers);
      const taken = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
      if (!taken || wanted !== 0 || attempt === PORT_TRIES) throw explained(error, address, port, lab);
    }
  }
}

async function closeAll(servers: readonly NameServer[]): Promise<void> {
  await Promise.all(servers.map((server) => server.close()));
}

const systemClock: Pick<Clock, 'schedule' | 'wall'> = {
  wall: Date.now,
  schedule(delay, action) {
    const timer = setTimeout(action, delay);
    return () => clearTimeout(timer);
  },
};

/** The system's error as a sentence with the way out; anything unexpected stays as it is. */
function explained(error: unknown, address: string, port: number, lab: Lab): unknown {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'EADDRNOTAVAIL':
      return new LabError([
        `The lab needs the address ${address}, which this system does not have. Linux and Windows answer for all of ` +
          `127.0.0.0/8; on macOS and the BSDs add the addresses first:\n  ${aliasCommand(lab)}`,
      ]);
    case 'EADDRINUSE':
      return new LabError([`Port ${port} is in use on ${address}: choose another for the lab, or 0 for any free one`]);
    case 'EACCES':
      return new LabError([`Not allowed to use port ${port} on ${address}: choose a port above 1023, or 0`]);
    default:
      return error;
  }
}

function aliasCommand(lab: Lab): string {
  return `for a in ${lab.servers.map((server) => server.address).join(' ')}; do sudo ifconfig lo0 alias $a; done`;
}
