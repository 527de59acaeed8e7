/** HOT. Which port does a query leave from? One that rests after a query to the same server, or a new one at random. */
import type { ServerAddress } from '../dns/address.js';
import { Place } from '../dns/ring.js';
import type { Cancel, Clock } from '../ports/clock.js';
import type { Random } from '../ports/random.js';
import { SourcePort } from './source-port.js';
import type { UpstreamSockets } from './upstream-socket.js';

/** Ports at rest at most: those that are asked from again are so within milliseconds, the others need not be open. */
const RESTING = 256;
/** Milliseconds between two looks for ports that are too old. */
const SWEEP = 500;

/** The process, or the system, has as many files open as it may: no query goes unasked for the sake of one at rest. */
const OUT_OF_DESCRIPTORS: ReadonlySet<string | undefined> = new Set(['EMFILE', 'ENFILE']);

interface SourcePortsParts {
  readonly sockets: UpstreamSockets;
  readonly clock: Clock;
  readonly random: Random;
  /** Ports open at most. Callers see to it that no more are in use. */
  readonly most: number;
}

export class SourcePorts {
  /** By ServerAddress.key, the longest at rest first. Empty lists go with the next sweep. */
  readonly #resting = new Map<string, SourcePort[]>();
  /** The same of all servers. */
  readonly #inOrder = new Place();
  #atRest = 0;
  #inUse = 0;
  #cancelSweep: Cancel | undefined;
  #isClosing = false;
  readonly #gone = (port: SourcePort): void => this.#forget(port);

  constructor(private readonly parts: SourcePortsParts) {}

  /** A port for one query that leaves `now` (Clock.now()), to be given back. Throws what the system refuses. */
  take(server: ServerAddress, now: number): SourcePort {
    const port = this.#rested(server.key, now) ?? this.#open(server, now);
    this.#inUse++;
    return port;
  }

  /** `answeredAt`: Clock.now() of a reply that could be read. From a port that is silent or refused nothing leaves again. */
  giveBack(port: SourcePort, answeredAt: number | undefined): void {
    this.#inUse--;
    if (answeredAt !== undefined) port.rest();
    if (answeredAt === undefined || this.#isClosing || !port.mayServe(answeredAt)) {
      port.close();
      return;
    }
    if (this.#atRest >= RESTING) this.#closeOldest();
    const { key } = port.server;
    const others = this.#resting.get(key);
    if (others === undefined) this.#resting.set(key, [port]);
    else others.push(port);
    this.#inOrder.append(port);
    this.#atRest++;
    this.#cancelSweep ??= this.parts.clock.schedule(SWEEP, () => this.#sweep());
  }

  /** Closes what rests. Ports in use are closed when they are given back. */
  close(): void {
    this.#isClosing = true;
    this.#cancelSweep?.();
    this.#cancelSweep = undefined;
    while (this.#atRest > 0) this.#closeOldest();
    this.#resting.clear();
  }

  #rested(key: string, now: number): SourcePort | undefined {
    const port = this.#resting.get(key)?.pop();
    if (port === undefined) return undefined;
    port.leave();
    this.#atRest--;
    if (port.mayServe(now)) return port;
    port.close();
    return undefined;
  }

  #open(server: ServerAddress, now: number): SourcePort {
    const { sockets, random, most } = this.parts;
    if (this.#inUse + this.#atRest >= most) this.#closeOldest();
    for (;;) {
      try {
        return new SourcePort(sockets, server, random, now, this.#gone);
      } catch (error) {
        if (this.#atRest === 0 || !OUT_OF_DESCRIPTORS.has((error as NodeJS.ErrnoException).code)) throw error;
        this.#closeOldest();
      }
    }
  }

  #closeOldest(): void {
    if (this.#atRest === 0) return;
    const port = this.#inOrder.next as SourcePort;
    this.#forget(port);
    port.close();
  }

  #forget(port: SourcePort): void {
    port.leave();
    this.#atRest--;
    const others = this.#resting.get(port.server.key)!;
    others.splice(others.indexOf(port), 1);
  }

  #sweep(): void {
    this.#cancelSweep = undefined;
    const now = this.parts.clock.now();
    for (const [key, ports] of this.#resting) {
      // From the end: those that are closed leave the list.
      for (const port of ports.toReversed()) {
        if (port.mayServe(now)) continue;
        this.#forget(port);
        port.close();
      }
      if (ports.length === 0) this.#resting.delete(key);
    }
    if (this.#resting.size > 0) this.#cancelSweep = this.parts.clock.schedule(SWEEP, () => this.#sweep());
  }
}
