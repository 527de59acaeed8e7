/** Configuration files and command lines of the authoritative servers, none of which was written here. */
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { mustRun } from './command.js';

export type Zones = Readonly<Record<string, string>>;

export interface NameServer {
  readonly name: string;
  readonly addresses: readonly string[];
  /** A zone it serves: asked to see whether it is up. */
  readonly zone: string;
  readonly argv: readonly string[];
}

/** Zone files in `directory`; the file name of each zone. */
function writeZones(directory: string, zones: Zones): Map<string, string> {
  const files = new Map<string, string>();
  for (const [zone, text] of Object.entries(zones)) {
    const file = `${zone === '.' ? 'root.' : zone}zone`;
    writeFileSync(join(directory, file), `$ORIGIN ${zone}\n$TTL 300\n${text}`);
    files.set(zone, file);
  }
  return files;
}

/**
 * A copy of an installed program. AppArmor profiles of distributions go by the path of the program and forbid BIND and
 * Unbound to read files outside their own folders; a copy may read ours.
 */
export async function copyOfProgram(program: string, directory: string): Promise<string> {
  const found = (await mustRun(['sh', '-c', `PATH="$PATH:/usr/sbin:/usr/local/sbin" command -v ${program}`])).trim();
  const copy = join(directory, `${basename(found)}-copy`);
  copyFileSync(found, copy);
  return copy;
}

function home(parent: string, name: string): string {
  const directory = join(parent, name);
  mkdirSync(directory, { recursive: true });
  return directory;
}

/** NSD in the foreground, as the user that runs the tests. */
export function nsd(parent: string, name: string, addresses: readonly string[], zones: Zones): NameServer {
  const directory = home(parent, name);
  const files = writeZones(directory, zones);
  const config = `server:
  server-count: 1
  username: ""
  chroot: ""
  database: ""
  zonesdir: "${directory}"
  zonelistfile: "${directory}/zone.list"
  xfrdfile: "${directory}/xfrd.state"
  xfrdir: "${directory}"
  pidfile: "${directory}/nsd.pid"
  hide-version: yes
  rrl-ratelimit: 0
${addresses.map((address) => `  ip-address: ${address}`).join('\n')}
remote-control:
  control-enable: no
${[...files].map(([zone, file]) => `zone:\n  name: "${zone}"\n  zonefile: "${file}"`).join('\n')}
`;
  writeFileSync(join(directory, 'nsd.conf'), config);
  return { name, addresses, zone: Object.keys(zones)[0]!, argv: ['nsd', '-d', '-c', join(directory, 'nsd.conf')] };
}

export function knot(parent: string, name: string, addresses: readonly string[], zones: Zones): NameServer {
  const directory = home(parent, name);
  const files = writeZones(directory, zones);
  const config = `server:
  rundir: "${directory}"
  udp-workers: 1
  tcp-workers: 1
  background-workers: 1
  listen: [${addresses.map((address) => `"${address}@53"`).join(', ')}]
database:
  storage: "${directory}/database"
log:
  - target: stderr
    any: info
zone:
${[...files]
  .map(
    ([zone, file]) =>
      `  - domain: "${zone}"\n    storage: "${directory}"\n    file: "${file}"\n    zonefile-sync: -1\n    journal-content: none`,
  )
  .join('\n')}
`;
  writeFileSync(join(directory, 'knot.conf'), config);
  return { name, addresses, zone: Object.keys(zones)[0]!, argv: ['knotd', '-c', join(directory, 'knot.conf')] };
}

export async function bind(
  parent: string,
  name: string,
  addresses: readonly string[],
  zones: Zones,
): Promise<NameServer> {
  const directory = home(parent, name);
  const files = writeZones(directory, zones);
  const of = (family: 4 | 6) =>
    addresses
      .filter((address) => address.includes(':') === (family === 6))
      .map((address) => `${address}; `)
      .join('');
  const config = `options {
  directory "${directory}";
  pid-file none;
  session-keyfile none;
  recursion no;
  notify no;
  listen-on { ${of(4)}};
  listen-on-v6 { ${of(6)}};
};
controls { };
${[...files].map(([zone, file]) => `zone "${zone}" { type primary; file "${file}"; };`).join('\n')}
`;
  writeFileSync(join(directory, 'named.conf'), config);
  const program = await copyOfProgram('named', directory);
  const argv = [program, '-g', '-n', '1', '-c', join(directory, 'named.conf')];
  return { name, addresses, zone: Object.keys(zones)[0]!, argv };
}
