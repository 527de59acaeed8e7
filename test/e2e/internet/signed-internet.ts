/**
 * A second little internet, signed from the root down by the tools of three other projects. Keys first, then the parents'
 * DS, then the signatures; what is broken is broken after signing.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from './command.js';
import { inParallel } from './in-parallel.js';
import { Place } from './internet.js';
import { bind, type NameServer, nsd } from './name-servers.js';
import { createNamespaces } from './namespaces.js';
import { bindKeys, ldnsKeys, type ZoneKeys } from './signed-by-files.js';
import { SigningKnot } from './signed-by-knot.js';
import {
  type AddressPair,
  type DsRecord,
  dsText,
  parentZone,
  type ServerName,
  type Signing,
  soundWindow,
  type Zone,
} from './signed-zone.js';
import { signedInternetZones as zones } from './signed-zones.js';
import { rootServers } from './zones.js';

const ADDRESSES: Readonly<Record<Exclude<ServerName, 'root'>, AddressPair>> = {
  nsd: ['203.0.113.1', '2001:db8:1::1'],
  bind: ['203.0.113.2', '2001:db8:1::2'],
  knot: ['203.0.113.3', '2001:db8:1::3'],
};

/** Knot signs what it serves itself. */
type KnotKeys = { readonly ds: readonly DsRecord[]; readonly sign: undefined };
type Keys = ReadonlyMap<string, ZoneKeys | KnotKeys>;

export class SignedInternet {
  private constructor(
    /** Where the resolvers and their users are. */
    readonly client: Place,
    readonly servers: Place,
    readonly directory: string,
    /** DS of the root's key: what every resolver here trusts. */
    readonly anchor: DsRecord,
  ) {}

  /** All servers are up and answer when it resolves. */
  static async create(): Promise<SignedInternet> {
    // Short: Knot puts a Unix socket in it, whose path may have 107 octets.
    const directory = mkdtempSync(join(tmpdir(), 'rootwalk-e2e-'));
    const knot = new SigningKnot(directory, ADDRESSES.knot, servedBy('knot'));
    const keys = await makeKeys(directory, knot);
    const servers = await nameServers(directory, knot, keys);
    const names = await createNamespaces(servers.flatMap((server) => server.addresses));
    const [anchor] = keys.get('.')!.ds.filter(({ digestType }) => digestType === 2);
    const internet = new SignedInternet(
      new Place(names.client, directory),
      new Place(names.internet, directory),
      directory,
      anchor!,
    );
    try {
      await Promise.all(servers.map((server) => internet.#start(server)));
    } catch (error) {
      await internet.end();
      throw error;
    }
    return internet;
  }

  async #start(server: NameServer): Promise<void> {
    const started = this.servers.start(server.name, server.argv);
    for (const address of server.addresses.slice(0, 2)) {
      await eventually(
        () => `${server.name} answers at ${address}; it printed:\n${started.output()}`,
        async () => {
          const argv = ['dig', '+norecurse', '+short', '+tries=1', '+time=1', `@${address}`, server.zone, 'SOA'];
          const { code, stdout } = await this.client.run(argv, { timeout: 10_000 });
          return code === 0 && stdout.trim() !== '';
        },
      );
    }
  }

  async end(): Promise<void> {
    await this.client.end();
    await this.servers.end();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

const servedBy = (server: ServerName) => zones.filter((zone) => zone.server === server);

async function makeKeys(directory: string, knot: SigningKnot): Promise<Keys> {
  const made = await inParallel(
    4,
    zones,
    async ({ name, signing }): Promise<[string, ZoneKeys | KnotKeys] | undefined> => {
      if (signing === undefined) return undefined;
      if (signing.signer === 'knot') return [name, { ds: await knot.keys(name, signing), sign: undefined }];
      return [name, await (signing.signer === 'ldns' ? ldnsKeys : bindKeys)(directory, name, signing)];
    },
  );
  return new Map(made.filter((entry) => entry !== undefined));
}

async function nameServers(directory: string, knot: SigningKnot, keys: Keys): Promise<NameServer[]> {
  const texts: Record<ServerName, Record<string, string>> = { root: {}, nsd: {}, bind: {}, knot: {} };
  await inParallel(4, zones, async (zone) => {
    texts[zone.server][zone.name] = await servedText(zone, keys);
  });
  const root = rootServers.flatMap(([, ipv4, ipv6]) => [ipv4, ipv6]);
  return [
    nsd(directory, 'root', root, texts.root),
    nsd(directory, 'nsd', ADDRESSES.nsd, texts.nsd),
    await bind(directory, 'bind', ADDRESSES.bind, texts.bind),
    knot.server(texts.knot),
  ];
}

/** As its server gets it: signed and spoilt, but for Knot's, which are signed there. */
async function servedText(zone: Zone, keys: Keys): Promise<string> {
  const text = unsignedText(zone, keys);
  const sign = keys.get(zone.name)?.sign;
  if (zone.signing === undefined || sign === undefined) return text;
  const lines = linesOf(await sign(text, zone.signing.window ?? soundWindow));
  const { resigned, spoil } = zone.signing;
  const mixed =
    resigned === undefined
      ? lines
      : replaceSignatures(lines, linesOf(await sign(text, resigned.window)), resigned.owner);
  return `${(spoil?.(mixed) ?? mixed).join('\n')}\n`;
}

const linesOf = (text: string) => text.split('\n').filter((line) => line !== '' && !line.startsWith(';'));

function replaceSignatures(lines: readonly string[], others: readonly string[], owner: string): string[] {
  const isOne = (line: string) => line.startsWith(`${owner}\t`) && /\sIN\s+RRSIG\s+A\s/.test(line);
  return [...lines.filter((line) => !isOne(line)), ...others.filter(isOne)];
}

function unsignedText(zone: Zone, keys: Keys): string {
  const children = zones.filter((child) => parentZone(child, zones)?.name === zone.name);
  const lines = [
    `@ 3600 IN SOA ${zone.name === '.' ? 'a.root-servers.net.' : 'ns'} hostmaster 1 7200 900 1209600 300`,
    ...(zone.name === '.' ? rootServerLines : delegation(zone)),
    ...children.flatMap(delegation),
    ...(zone.signing === undefined ? [] : children.flatMap((child) => dsLines(child, keys))),
    zone.records.trim(),
  ];
  return `${lines.join('\n')}\n`;
}

const rootServerLines = rootServers.flatMap(([letter, ipv4, ipv6]) => {
  const name = `${letter}.root-servers.net.`;
  return [`@ 518400 NS ${name}`, `${name} 518400 A ${ipv4}`, `${name} 518400 AAAA ${ipv6}`];
});

/** A zone's NS with its addresses, as both sides of the cut have it. */
function delegation({ name, server }: Zone): string[] {
  if (server === 'root') throw new Error(`${name} cannot be served by the root's servers`);
  const [ipv4, ipv6] = ADDRESSES[server];
  return [`${name} NS ns.${name}`, `ns.${name} A ${ipv4}`, `ns.${name} AAAA ${ipv6}`];
}

function dsLines({ name, signing }: Zone, keys: Keys): string[] {
  if (signing === undefined) return [];
  return chosenDs(signing, keys.get(name)!.ds).map((ds) => `${name} ${dsText(ds)}`);
}

function chosenDs({ ds }: Signing, offered: readonly DsRecord[]): readonly DsRecord[] {
  return ds?.(offered) ?? offered.filter(({ digestType }) => digestType === 2);
}
