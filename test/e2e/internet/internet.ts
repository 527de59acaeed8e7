/**
 * The little internet of a story: namespaces, authoritative servers that nobody here wrote, and everything started in
 * it, tracked so that end() leaves nothing behind.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually, type Finished, type RunOptions, run, Started } from './command.js';
import { bind, knot, type NameServer, nsd } from './name-servers.js';
import {
  type CutKind,
  createIsolated,
  createNamespaces,
  cutIPv6,
  inside,
  type Namespaces,
  removeNamespace,
  restoreIPv6,
} from './namespaces.js';
import {
  bindAddresses,
  knotAddresses,
  leafOneAddresses,
  leafTwoAddresses,
  leafZones,
  onlyIPv6Address,
  onlyIPv6Zones,
  ownServers,
  ownServerZones,
  rootServers,
  rootZones,
  topLevelZones,
} from './zones.js';

export type ServerName = 'root' | 'tld-knot' | 'tld-bind' | 'leaf-one' | 'leaf-two';

/** A namespace to work in, a folder for files, and the processes started there. */
export class Place {
  readonly #started: Started[] = [];

  constructor(
    readonly namespace: string,
    readonly directory: string,
  ) {}

  /** Runs a program to its end in the namespace. */
  run(argv: readonly string[], options: RunOptions = {}): Promise<Finished> {
    return run(inside(this.namespace, argv), options);
  }

  /** Starts a program that stays. */
  start(name: string, argv: readonly string[], options: Omit<RunOptions, 'input' | 'timeout'> = {}): Started {
    const started = new Started(name, inside(this.namespace, argv), join(this.directory, `${name}.log`), options);
    this.#started.push(started);
    return started;
  }

  async end(): Promise<void> {
    for (const started of this.#started) await started.kill();
    await removeNamespace(this.namespace);
  }
}

function scratchDirectory(): string {
  // Short: Knot puts a Unix socket in it, whose path may have 107 octets.
  return mkdtempSync(join(tmpdir(), 'rootwalk-e2e-'));
}

/** A namespace without any network but loopback. */
export class Island extends Place {
  static async create(): Promise<Island> {
    return new Island(await createIsolated(), scratchDirectory());
  }

  override async end(): Promise<void> {
    await super.end();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

export class Internet {
  readonly client: Place;
  readonly #servers: Place;
  readonly #names: Namespaces;
  readonly #known: ReadonlyMap<ServerName, NameServer>;
  readonly #running = new Map<ServerName, Started>();

  private constructor(names: Namespaces, directory: string, servers: ReadonlyMap<ServerName, NameServer>) {
    this.#names = names;
    this.#known = servers;
    this.client = new Place(names.client, directory);
    this.#servers = new Place(names.internet, directory);
  }

  /** All servers are up and answer when it resolves. */
  static async create(): Promise<Internet> {
    const directory = scratchDirectory();
    const servers = await nameServers(directory);
    const names = await createNamespaces([...servers.values()].flatMap((server) => server.addresses));
    const internet = new Internet(names, directory, servers);
    try {
      await Promise.all([...servers.keys()].map((name) => internet.startServer(name)));
    } catch (error) {
      await internet.end();
      throw error;
    }
    return internet;
  }

  get directory(): string {
    return this.client.directory;
  }

  async startServer(name: ServerName): Promise<void> {
    const server = this.#known.get(name)!;
    const started = this.#servers.start(name, server.argv);
    this.#running.set(name, started);
    for (const address of server.addresses.slice(0, 2)) {
      await eventually(
        () => `${name} answers at ${address}; it printed:\n${started.output()}`,
        () => this.#answers(address, server.zone),
      );
    }
  }

  async killServer(name: ServerName): Promise<void> {
    await this.#running.get(name)?.kill();
  }

  async #answers(address: string, zone: string): Promise<boolean> {
    const { code, stdout } = await this.client.run(
      ['dig', '+norecurse', '+short', '+tries=1', '+time=1', `@${address}`, zone, 'SOA'],
      { timeout: 10_000 },
    );
    return code === 0 && stdout.trim() !== '';
  }

  cutIPv6(kind: CutKind): Promise<void> {
    return cutIPv6(this.#names, kind);
  }

  restoreIPv6(kind: CutKind): Promise<void> {
    return restoreIPv6(this.#names, kind);
  }

  async end(): Promise<void> {
    await this.client.end();
    await this.#servers.end();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** NSD for the root and the leaves, Knot and BIND for the top-level domains. */
async function nameServers(directory: string): Promise<ReadonlyMap<ServerName, NameServer>> {
  const root = rootServers.flatMap(([, ipv4, ipv6]) => [ipv4, ipv6]);
  const leafOne = [...leafOneAddresses, ...ownServers.flatMap(({ addresses }) => addresses)];
  const leafTwo = [...leafTwoAddresses, onlyIPv6Address];
  const { 'se.': onlyKnot, 'org.': onlyBind, ...both } = topLevelZones;
  return new Map<ServerName, NameServer>([
    ['root', nsd(directory, 'root', root, rootZones)],
    ['tld-knot', knot(directory, 'tld-knot', knotAddresses, { ...both, 'se.': onlyKnot! })],
    ['tld-bind', await bind(directory, 'tld-bind', bindAddresses, { ...both, 'org.': onlyBind! })],
    ['leaf-one', nsd(directory, 'leaf-one', leafOne, { ...leafZones, ...ownServerZones })],
    ['leaf-two', nsd(directory, 'leaf-two', leafTwo, { ...leafZones, ...onlyIPv6Zones })],
  ]);
}
