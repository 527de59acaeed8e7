/** Zones that Knot signs itself when it loads them, or reply by reply, with keys its keymgr made. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mustRun } from './command.js';
import type { NameServer } from './name-servers.js';
import { mnemonic } from './signed-by-files.js';
import { type DsRecord, parseDs, type Signing } from './signed-zone.js';

/** A zone to serve: signed here, or as it stands. */
export interface KnotZone {
  readonly name: string;
  readonly signing?: Signing;
}

export class SigningKnot {
  readonly #directory: string;

  constructor(
    parent: string,
    readonly addresses: readonly string[],
    readonly zones: readonly KnotZone[],
  ) {
    this.#directory = join(parent, 'knot');
    mkdirSync(join(this.#directory, 'database'), { recursive: true });
    writeFileSync(this.#configFile, this.#config());
  }

  get #configFile(): string {
    return join(this.#directory, 'knot.conf');
  }

  /** Makes the zone's key, one for everything, and gives its DS records. */
  async keys(zone: string, { algorithm }: Signing): Promise<readonly DsRecord[]> {
    const keymgr = ['keymgr', '-c', this.#configFile, zone];
    const size = algorithm === 8 ? ['size=2048'] : [];
    const name = mnemonic(algorithm).toLowerCase();
    await mustRun([...keymgr, 'generate', `algorithm=${name}`, ...size, 'ksk=yes', 'zsk=yes']);
    return parseDs(await mustRun([...keymgr, 'ds']));
  }

  /** @param texts unsigned master-file text by zone */
  server(texts: Readonly<Record<string, string>>): NameServer {
    for (const [zone, text] of Object.entries(texts)) {
      writeFileSync(join(this.#directory, `${zone}zone`), `$ORIGIN ${zone}\n$TTL 300\n${text}`);
    }
    return {
      name: 'knot',
      addresses: this.addresses,
      zone: this.zones[0]!.name,
      argv: ['knotd', '-c', this.#configFile],
    };
  }

  #config(): string {
    return `server:
  rundir: "${this.#directory}"
  udp-workers: 1
  tcp-workers: 1
  background-workers: 1
  listen: [${this.addresses.map((address) => `"${address}@53"`).join(', ')}]
database:
  storage: "${this.#directory}/database"
log:
  - target: stderr
    any: info
policy:
${['nsec', 'nsec3', 'opt-out'].map(policy).join('\n')}
mod-onlinesign:
  - id: online
    policy: nsec
zone:
${this.zones.map((zone) => this.#zone(zone)).join('\n')}
`;
  }

  #zone({ name, signing }: KnotZone): string {
    const lines = [
      `  - domain: "${name}"`,
      `storage: "${this.#directory}"`,
      `file: "${name}zone"`,
      'zonefile-sync: -1',
      'journal-content: none',
    ];
    if (signing?.denial === 'online') lines.push('module: mod-onlinesign/online');
    else if (signing !== undefined) lines.push('dnssec-signing: on', `dnssec-policy: ${signing.denial}`);
    return lines.join('\n    ');
  }
}

function policy(denial: string): string {
  const nsec3 = denial === 'nsec' ? '' : `\n    nsec3: on\n    nsec3-iterations: 0`;
  const optOut = denial === 'opt-out' ? '\n    nsec3-opt-out: on' : '';
  return `  - id: ${denial}\n    manual: on\n    single-type-signing: on${nsec3}${optOut}`;
}
