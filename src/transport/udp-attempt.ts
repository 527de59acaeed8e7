/**
 * HOT. How is one question asked over UDP? From a socket of its own, with a random port and ID, connected: only the
 * server's address and port can answer, and ICMP errors find their way back (RFC 5452 §9). The port is open for this
 * query alone, so who tries ports learns nothing that lasts.
 */
import { createSocket, type Socket, type SocketOptions } from 'node:dgram';
import type { Cancel, Clock } from '../ports/clock.js';
import type { ExchangeOutcome, ExchangeQuery } from '../ports/exchange.js';
import type { Log } from '../ports/log.js';
import type { Random } from '../ports/random.js';
import { randomLocalPort } from './local-port.js';
import { matchReply, questionEndOf } from './match.js';
import { encodeQuery } from './query-octets.js';
import { readReply } from './read-reply.js';
import type { TransportSettings } from './settings.js';
import { refusedBySystem } from './system-refusal.js';

export interface UdpParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly settings: TransportSettings;
}

const IDS = 0x10000;
/** Ports tried before the kernel chooses: only a machine with most ports taken gets there. */
const PORT_TRIES = 8;

/** Addresses are literals: answering at once keeps bind() and connect() synchronous, and no file or server is asked. */
const lookup: NonNullable<SocketOptions['lookup']> = (address, options, callback) => {
  callback(null, address, typeof options === 'number' ? options : (options.family as number));
};
const SOCKET_OPTIONS: Readonly<Record<4 | 6, SocketOptions>> = {
  4: { type: 'udp4', lookup },
  // IPv6 only: otherwise the port would have to be free for IPv4 too.
  6: { type: 'udp6', lookup, ipv6Only: true },
};

/** One query on its way. Ends once, with one outcome, and leaves neither socket nor timer behind. */
export class UdpAttempt {
  readonly #parts: UdpParts;
  readonly #query: ExchangeQuery;
  readonly #questionEnd: number;
  readonly #askedAt: number;
  readonly #cancelTimeout: Cancel;
  readonly #octets: Buffer;
  #done: ((outcome: ExchangeOutcome) => void) | undefined;
  #socket: Socket | undefined;
  #sentAt = 0;
  #wrongReplies = 0;
  #binding = false;
  #bindError: NodeJS.ErrnoException | undefined;

  /**
   * The timeout runs from here; nothing is sent before start(). `done` is called exactly once. Throws RangeError for a
   * query that cannot be encoded, and has done nothing then.
   */
  constructor(parts: UdpParts, query: ExchangeQuery, done: (outcome: ExchangeOutcome) => void) {
    this.#parts = parts;
    this.#query = query;
    this.#done = done;
    const { random } = parts;
    this.#octets = encodeQuery(query, random.below(IDS), query.caseRandomisation ? random : undefined);
    this.#questionEnd = questionEndOf(query.name.length);
    this.#askedAt = parts.clock.now();
    this.#cancelTimeout = parts.clock.schedule(query.timeout, () => {
      this.#end({ kind: 'timeout', waited: parts.clock.now() - this.#askedAt });
    });
  }

  start(): void {
    const { server } = this.#query;
    try {
      const socket = createSocket(SOCKET_OPTIONS[server.family]);
      this.#socket = socket;
      socket.on('message', (reply) => this.#received(reply));
      socket.on('error', (error) => this.#failed(error));
      socket.on('connect', () => this.#send(socket));
      const error = this.#bind(socket);
      if (error === undefined) socket.connect(server.port, server.address);
      else this.#failed(error);
    } catch (error) {
      this.#end(refusedBySystem(error));
    }
  }

  /** The error that leaves the socket without a port. bind() reports by emitting 'error' before it returns. */
  #bind(socket: Socket): NodeJS.ErrnoException | undefined {
    this.#binding = true;
    for (let tries = 0; tries <= PORT_TRIES; tries++) {
      this.#bindError = undefined;
      const port = tries < PORT_TRIES ? randomLocalPort(this.#parts.random) : 0;
      socket.bind({ port, exclusive: true });
      if ((this.#bindError as NodeJS.ErrnoException | undefined)?.code !== 'EADDRINUSE') break;
    }
    this.#binding = false;
    return this.#bindError;
  }

  #send(socket: Socket): void {
    if (this.#done === undefined) return;
    this.#sentAt = this.#parts.clock.now();
    socket.send(this.#octets, (error) => {
      if (error !== null) this.#failed(error);
    });
  }

  #received(reply: Buffer): void {
    if (this.#done === undefined) return;
    const verdict = matchReply(reply, this.#octets, this.#questionEnd, this.#query.caseRandomisation);
    if (verdict === 'other') {
      this.#countWrongReply();
    } else if (verdict === 'misspelled') {
      // ID and port were right: a server that does not keep spelling, or a forger who got that far.
      this.#end({ kind: 'suspicious', reason: 'the reply spells the question differently (0x20)' });
    } else {
      const rtt = this.#parts.clock.now() - this.#sentAt;
      this.#end(readReply(reply, this.#questionEnd, rtt, this.#parts.log));
    }
  }

  /** What does not match is passed over and the wait goes on: ending it would be in any forger's power (TuDoor, 2024). */
  #countWrongReply(): void {
    this.#wrongReplies++;
    if (this.#wrongReplies < this.#parts.settings.wrongReplies) return;
    this.#end({ kind: 'suspicious', reason: `${this.#wrongReplies} replies with a wrong ID or question` });
  }

  #failed(error: unknown): void {
    if (this.#binding) this.#bindError = error as NodeJS.ErrnoException;
    else this.#end(refusedBySystem(error));
  }

  #end(outcome: ExchangeOutcome): void {
    const done = this.#done;
    if (done === undefined) return;
    this.#done = undefined;
    this.#cancelTimeout();
    this.#socket?.close();
    done(outcome);
  }
}
