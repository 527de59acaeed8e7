/** HOT. Which port does a query leave from? One that rests after a query to the same server, or a new one at random. */
import type { ServerAddress } from '../dns/address.js';
import type { Cancel, Clock } from '../ports/clock.js';
import type { Random } from '../ports/random.js';
import { SourcePort } from './source-port.js';
import type { UpstreamSockets } from './upstream-socket.js';

/** Ports at rest at most: those that are asked from again are so within milliseconds, the others need not be open. */
const RESTING = 256;
/** Milliseconds between two looks for ports that are too old. */
const SWEEP = 500;

interface SourcePortsParts {
  readonly sockets: UpstreamSockets;
  readonly clock: Clock;
  readonly random: Random;
  /** Ports open at most. Callers see to it that no more are in use. */
  readonly most: number;
}

export class SourcePorts {
  /** By ServerAddress.key, and the longest at rest first; no empty lists. */
  readonly #resting = new Map<string, SourcePort[]>();
  /** The same, the longest at rest first. */
  readonly #inOrder = new Set<SourcePort>();
  #inUse = 0;
  #cancelSweep: Cancel | undefined;
  #isClosing = false;
  readonly #gone = (port: SourcePort): void => this.#forget(port);

  constructor(private readonly parts: SourcePortsParts) {}

  /** A port for one query, to be given back. Throws what the system refuses. */
  take(server: ServerAddress): SourcePort {
    const now = this.parts.clock.now();
    const port = this.#rested(server.key, now) ?? this.#open(server, now);
    this.#inUse++;
    return port;
  }

  /** `answered`: by a reply that matched. From a port that is silent or refused nothing leaves again. */
  giveBack(port: SourcePort, answered: boolean): void {
    this.#inUse--;
    if (answered) port.rest();
    if (!answered || this.#isClosing || !port.mayServe(this.parts.clock.now())) {
      port.close();
      return;
    }
    if (this.#inOrder.size >= RESTING) this.#closeOldest();
    const { key } = port.server;
    const others = this.#resting.get(key);
    if (others === undefined) this.#resting.set(key, [port]);
    else others.push(port);
    this.#inOrder.add(port);
    this.#cancelSweep ??= this.parts.clock.schedule(SWEEP, () => this.#sweep());
  }

  /** Closes what rests. Ports in use are closed when they are given back. */
  close(): void {
    this.#isClosing = true;
    this.#cancelSweep?.();
    this.#cancelSweep = undefined;
    for (const port of this.#inOrder) port.close();
    this.#inOrder.clear();
    this.#resting.clear();
  }

  #rested(key: string, now: number): SourcePort | undefined {
    const port = this.#resting.get(key)?.at(-1);
    if (port === undefined) return undefined;
    this.#forget(port);
    if (port.mayServe(now)) return port;
    port.close();
    return undefined;
  }

  #open(server: ServerAddress, now: number): SourcePort {
    const { sockets, random, most } = this.parts;
    if (this.#inUse + this.#inOrder.size >= most) this.#closeOldest();
    return new SourcePort(sockets, server, random, now, this.#gone);
  }

  #closeOldest(): void {
    for (const port of this.#inOrder) {
      this.#forget(port);
      port.close();
      return;
    }
  }

  #forget(port: SourcePort): void {
    if (!this.#inOrder.delete(port)) return;
    const { key } = port.server;
    const others = this.#resting.get(key)!;
    if (others.length === 1) this.#resting.delete(key);
    else others.splice(others.lastIndexOf(port), 1);
  }

  #sweep(): void {
    this.#cancelSweep = undefined;
    const now = this.parts.clock.now();
    for (const port of this.#inOrder) {
      if (port.mayServe(now)) continue;
      this.#forget(port);
      port.close();
    }
    if (this.#inOrder.size > 0) this.#cancelSweep = this.parts.clock.schedule(SWEEP, () => this.#sweep());
  }
}
