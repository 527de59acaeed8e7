/**
 * HOT. A port from which one server is asked, one query at a time, a few times within seconds (docs/architecture.md,
 * "Ports", has the bounds and what they do to a forger's chances).
 */
import type { ServerAddress } from '../dns/address.js';
import { Place } from '../dns/ring.js';
import type { Random } from '../ports/random.js';
import type { UdpAttempt } from './udp-attempt.js';
import type { SocketEvents, UpstreamSocket, UpstreamSockets } from './upstream-socket.js';

/** Queries from one port: opening it is then an eighth of what it was of each, and more would save little. */
const QUERIES = 8;
/** Milliseconds after which no query leaves from a port any more: less than a port waits for a server that is silent. */
const AGE = 2000;

const IDS = 0x10000;

export class SourcePort extends Place implements SocketEvents {
  readonly #socket: UpstreamSocket;
  #query: UdpAttempt | undefined;
  /** Of queries that were answered. A reply to one that comes again is late, no guess. */
  readonly #answeredIds: number[] = [];
  #isSpent = false;

  /** `gone`: something came while no query waited, and the port is closed. Throws what the system refuses. */
  constructor(
    sockets: UpstreamSockets,
    readonly server: ServerAddress,
    private readonly random: Random,
    private readonly openedAt: number,
    private readonly gone: (port: SourcePort) => void,
  ) {
    super();
    this.#socket = sockets.open(server, random, this);
  }

  /** Whether another query may leave from here at `now` (Clock.now()) when none is under way. */
  mayServe(now: number): boolean {
    return !this.#isSpent && this.#answeredIds.length < QUERIES && now - this.openedAt < AGE;
  }

  /** Sends a query, with an ID that no query from here had. It is told of what comes until rest() or close(). */
  ask(query: UdpAttempt): void {
    this.#query = query;
    while (this.#answeredIds.includes(query.id)) query.id = this.random.below(IDS);
    this.#socket.send(query.octets);
  }

  /** The query was answered, and nothing else came. */
  rest(): void {
    if (this.#query === undefined) return;
    this.#answeredIds.push(this.#query.id);
    this.#query = undefined;
  }

  datagram(octets: Buffer): void {
    const query = this.#query;
    if (query === undefined) this.#giveUp();
    else if (!query.take(octets)) this.#passOver(octets, query);
  }

  failed(error: unknown): void {
    this.#isSpent = true;
    if (this.#query === undefined) this.#giveUp();
    else this.#query.failed(error);
  }

  close(): void {
    this.#isSpent = true;
    this.#query = undefined;
    this.#socket.close();
  }

  /**
   * What does not match is passed over, and the wait goes on: ending it would be in any forger's power (TuDoor, 2024). But
   * nothing more leaves from a port that somebody may have found.
   */
  #passOver(octets: Buffer, query: UdpAttempt): void {
    this.#isSpent = true;
    const answered = octets.length < 2 ? -1 : this.#answeredIds.indexOf(octets.readUInt16BE(0));
    if (answered === -1) query.countWrongReply();
    // Once for each: the same reply over and over is something else.
    else this.#answeredIds[answered] = -1;
  }

  #giveUp(): void {
    this.close();
    this.gone(this);
  }
}
