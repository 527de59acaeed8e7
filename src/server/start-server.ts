/**
 * The face of server/: listens for clients' questions and has them answered, until told to stop.
 *
 * Not yet here: rate limiting, and server cookies (RFC 7873; a client's are read and ignored).
 */
import type { ServerAddress } from '../dns/address.js';
import type { Libc } from '../native/libc.js';
import type { Clock } from '../ports/clock.js';
import type { FrontsStats } from '../ports/inspection.js';
import type { Log } from '../ports/log.js';
import { Batch } from './batched-udp-listener.js';
import type { ClientRequest, Later } from './client-request.js';
import { Edge, type EdgeParts } from './edge.js';
import { Fronts } from './fronts/fronts.js';
import type { OpenThread } from './fronts/link.js';
import { handleQuery, readyOverUdp } from './handle-query.js';
import { ListenError } from './listen-error.js';
import type { Listener } from './listener.js';
import type { ReadyKeeper } from './ready-answers.js';
import type { ServerSettings } from './settings.js';
import type { InheritedSockets } from './systemd.js';
import { TcpClients } from './tcp-clients.js';
import type { TcpConnection } from './tcp-connection.js';
import { listenTcp, type TcpListenerParts } from './tcp-listener.js';
import { listenUdp, type UdpListenerParts } from './udp-listener.js';
import { wildcardWarning } from './wildcard.js';

export interface StartOptions extends EdgeParts {
  /** UDP and TCP on each; port 0 takes one that is free for both. */
  readonly listen: readonly ServerAddress[];
  /** Sockets opened by someone else. What they serve is not bound again. */
  readonly sockets?: InheritedSockets;
  /** Reads and sends many datagrams by one call. */
  readonly libc?: Libc | undefined;
  /**
   * Front threads that read datagrams, for which `libc` is needed. 1 or none: this thread does.
   */
  readonly threads?: number;
  /** For tests. */
  readonly openThread?: OpenThread;
}

export interface RunningServer {
  /** As bound, each once, though served over two transports. */
  readonly addresses: readonly ServerAddress[];
  /** Undefined when this thread reads all sockets itself. */
  readonly fronts: FrontsStats | undefined;
  /**
   * Takes over new settings and, when given, new addresses: those no longer named are given up, questions under way
   * there are still answered. Rejects (RangeError for a bad prefix, ListenError) with nothing changed. An address that
   * overlaps one held on the same port (0.0.0.0:53 after 127.0.0.1:53) needs a restart. One call at a time.
   */
  reconfigure(settings: ServerSettings, listen?: readonly ServerAddress[]): Promise<void>;
  /** What lies ready for clients is made anew: something it may rest on has changed. */
  forgetAnswers(): void;
  /** Takes no more questions, gives those under way `graceMs` milliseconds, answers the rest SERVFAIL and closes. */
  close(graceMs: number): Promise<void>;
}

/** Milliseconds given to questions under way on an address that is given up. */
const RETIREMENT = 5000;

/** Resolves when every address is listened on. Rejects with ListenError (then none is) or RangeError (bad prefix). */
export async function startServer(options: StartOptions): Promise<RunningServer> {
  const server = new Server(options);
  await server.open(options.listen, options.sockets ?? []);
  return server;
}

/** The listeners of one wanted address. Inherited sockets have no `wanted`: nobody can take them away. */
interface Place {
  readonly wanted: string | undefined;
  readonly listeners: readonly Listener[];
}

class Server implements RunningServer {
  readonly #edge: Edge;
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #parts: TcpListenerParts & UdpListenerParts;
  readonly #frontOptions: Pick<StartOptions, 'threads' | 'answerOctets' | 'openThread'>;
  /** Started when the first address needs them. */
  #starting: Promise<Fronts | undefined> | undefined;
  #fronts: Fronts | undefined;
  #inherited: InheritedSockets = [];
  #places: readonly Place[] = [];

  constructor(options: StartOptions) {
    const edge = new Edge(options);
    this.#edge = edge;
    this.#frontOptions = options;
    this.#log = options.log;
    this.#clock = options.clock;
    this.#parts = {
      handle: (request, later) => handleQuery(request, edge, later),
      clock: options.clock,
      log: options.log,
      limits: () => edge.settings.limits,
      clients: new TcpClients<TcpConnection>(),
      batch: options.libc && new Batch(options.libc),
      frontsFor: () => this.#frontsFor(),
      ready: (query, length, address, now, into) => readyOverUdp(query, length, address, now, into, edge),
      readyTook: (ms, count, now) => edge.stats.readyTook(ms, count, now),
      dropped: () => {
        edge.stats.received('udp');
        edge.stats.dropped();
      },
    };
  }

  get addresses(): readonly ServerAddress[] {
    const bound = this.#places.flatMap(({ listeners }) => listeners.map(({ address }) => address));
    return [...new Map(bound.map((address) => [address.key, address])).values()];
  }

  get fronts(): FrontsStats | undefined {
    return this.#fronts?.stats;
  }

  async open(listen: readonly ServerAddress[], inherited: InheritedSockets): Promise<void> {
    this.#inherited = inherited;
    try {
      this.#places = await allOrNone([
        ...inherited.map((socket) => async () => ({ wanted: undefined, listeners: [await this.#adopt(socket)] })),
        ...listen.map((address) => () => this.#openPlace(address)),
      ]);
    } catch (error) {
      await this.#fronts?.close();
      throw error;
    }
    this.#noteUndivided(inherited);
    for (const address of listen) this.#noteWildcard(address);
    this.#log.info({ listen: this.addresses.map(({ key }) => key) }, 'listening over UDP and TCP');
  }

  async reconfigure(settings: ServerSettings, listen?: readonly ServerAddress[]): Promise<void> {
    if (listen === undefined) {
      this.#reconfigureEdge(settings);
      return;
    }
    const wanted = new Set(listen.map(({ key }) => key));
    const held = new Set(this.#places.map((place) => place.wanted));
    const fresh = listen.filter(({ key }) => !held.has(key));
    const opened = await allOrNone(fresh.map((address) => () => this.#openPlace(address)));
    try {
      this.#reconfigureEdge(settings);
    } catch (error) {
      await closeAll(opened);
      throw error;
    }
    const isKept = (place: Place) => place.wanted === undefined || wanted.has(place.wanted);
    const given = this.#places.filter((place) => !isKept(place));
    this.#places = [...this.#places.filter(isKept), ...opened];
    for (const address of fresh) this.#noteWildcard(address);
    void retire(given, RETIREMENT, this.#clock);
  }

  forgetAnswers(): void {
    this.#edge.ready.clear();
    this.#fronts?.forget();
  }

  async close(graceMs: number): Promise<void> {
    await retire(this.#places, graceMs, this.#clock, () => this.#edge.waiting.giveUp());
    await this.#fronts?.close();
  }

  #reconfigureEdge(settings: ServerSettings): void {
    this.#edge.reconfigure(settings);
    this.#fronts?.reconfigure(settings);
  }

  #frontsFor(): Promise<Fronts | undefined> {
    const { threads = 1 } = this.#frontOptions;
    const { batch } = this.#parts;
    if (batch === undefined || threads < 2) return Promise.resolve(undefined);
    this.#starting ??= this.#startFronts(threads, batch);
    return this.#starting;
  }

  /** Where threads cannot be had, this one does their work. */
  async #startFronts(count: number, batch: Batch): Promise<Fronts | undefined> {
    const { answerOctets = 0, openThread } = this.#frontOptions;
    const { settings, clock, stats } = this.#edge;
    const handle = (request: ClientRequest, later: Later, ready: ReadyKeeper) =>
      handleQuery(request, this.#edge, later, ready);
    const parts = { count, batch, settings, answerOctets, handle, clock, log: this.#log, stats, openThread };
    try {
      this.#fronts = await Fronts.start(parts);
    } catch (err) {
      this.#log.error({ err, threads: count }, 'front threads cannot be started: one thread does everything');
    }
    return this.#fronts;
  }

  #adopt({ fd, transport, address }: InheritedSockets[number]): Promise<Listener> {
    return transport === 'udp' ? listenUdp(address, this.#parts, fd) : listenTcp(address, this.#parts, fd);
  }

  async #openPlace(address: ServerAddress): Promise<Place> {
    const served = this.#inherited.filter((socket) => socket.address.key === address.key);
    const missing = (['tcp', 'udp'] as const).filter((transport) => !served.some((s) => s.transport === transport));
    return { wanted: address.key, listeners: await listenOn(address, missing, this.#parts) };
  }

  #noteUndivided(inherited: InheritedSockets): void {
    const sockets = inherited.filter(({ transport }) => transport === 'udp').map(({ address }) => address.key);
    if (this.#fronts === undefined || this.#fronts.stats.threads < 2 || sockets.length === 0) return;
    this.#log.info({ sockets }, 'a socket opened by systemd cannot be divided among threads: one front reads each');
  }

  #noteWildcard(address: ServerAddress): void {
    if (this.#parts.batch?.libc.canWatch || this.#fronts !== undefined) return;
    const warning = wildcardWarning(address);
    if (warning !== undefined) this.#log.warn({ listen: address.key }, warning);
  }
}

/** A port free for TCP may be taken for UDP; another is tried this often. */
const PORT_ATTEMPTS = 16;

/** Listens over each transport on one address, with one port when it is left to the system. TCP ports are scarcer. */
async function listenOn(
  address: ServerAddress,
  transports: readonly ('tcp' | 'udp')[],
  parts: TcpListenerParts & UdpListenerParts,
): Promise<readonly Listener[]> {
  for (let attempt = 1; ; attempt++) {
    const listeners: Listener[] = [];
    try {
      for (const transport of transports) {
        const target = listeners[0]?.address ?? address;
        listeners.push(await (transport === 'tcp' ? listenTcp(target, parts) : listenUdp(target, parts)));
      }
      return listeners;
    } catch (error) {
      await Promise.all(listeners.map((listener) => listener.close()));
      const taken = error instanceof ListenError && error.code === 'EADDRINUSE';
      if (!taken || address.port !== 0 || attempt === PORT_ATTEMPTS) throw error;
    }
  }
}

/** Opens one after the other; when one fails, closes those before it and rejects with its error. */
async function allOrNone(openers: readonly (() => Promise<Place>)[]): Promise<readonly Place[]> {
  const places: Place[] = [];
  try {
    for (const open of openers) places.push(await open());
    return places;
  } catch (error) {
    await closeAll(places);
    throw error;
  }
}

async function closeAll(places: readonly Place[]): Promise<void> {
  await Promise.all(places.flatMap(({ listeners }) => listeners.map((listener) => listener.close())));
}

/** `giveUp`: has what still waits when the grace is over answered at once. */
async function retire(
  places: readonly Place[],
  graceMs: number,
  clock: Clock,
  giveUp: () => void = () => {},
): Promise<void> {
  const listeners = places.flatMap((place) => place.listeners);
  for (const listener of listeners) listener.stop();
  const settled = Promise.all(listeners.map((listener) => listener.settled()));
  await new Promise<void>((resolve) => {
    const cancel = clock.schedule(graceMs, resolve);
    void settled.then(() => {
      cancel();
      resolve();
    });
  });
  giveUp();
  // The replies are made in promises that run before this, and handed to the system as they are made.
  await new Promise(setImmediate);
  await closeAll(places);
}
