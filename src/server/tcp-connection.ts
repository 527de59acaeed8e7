/**
 * What happens on one client's TCP connection (RFC 7766)? Questions are taken as they come and answered as the answers
 * come, in any order (§6.2.1.1, §7).
 *
 * Reading stops while the client has too many questions under way or does not read its replies, so what a connection
 * may cost in memory is bounded. The idle time counts from the last whole question or reply handed to the system, not
 * from the last octet: a client that lets a message trickle in, or never reads, is closed like one that does nothing.
 */
import type { Socket } from 'node:net';
import type { Cancel, Clock } from '../ports/clock.js';
import type { Reply, RequestHandler } from './client-request.js';
import { framed, MessageFraming } from './tcp-framing.js';

/** RFC 1035 §4.1.1. What announces less is not DNS. */
const HEADER_OCTETS = 12;

/** Milliseconds a client has to close its side once we have closed ours. */
const LINGER = 1000;

export interface TcpConnectionParts {
  readonly handle: RequestHandler;
  readonly clock: Clock;
  /** As configured now: connections outlive a change of settings. */
  readonly limits: () => { readonly tcpIdle: number; readonly tcpPipeline: number };
  /** The connection became idle or busy. */
  readonly onChange: (connection: TcpConnection) => void;
}

export class TcpConnection {
  readonly address: string;
  readonly #port: number;
  readonly #framing = new MessageFraming();
  #underWay = 0;
  /** Clock.now() when a question was last complete or a reply last handed to the system. */
  #lastUseful: number;
  /** No more will be read: the client closed its side, or the server is stopping. */
  #inputEnded = false;
  #finishing = false;
  #cancelTimer: Cancel = () => {};

  constructor(
    private readonly socket: Socket,
    private readonly parts: TcpConnectionParts,
  ) {
    this.address = socket.remoteAddress ?? '';
    this.#port = socket.remotePort ?? 0;
    this.#lastUseful = parts.clock.now();
    socket.on('data', (chunk: Buffer) => this.#onData(chunk));
    socket.on('drain', () => this.#serve());
    socket.on('end', () => this.stop());
    // Resets and the like: 'close' follows.
    socket.on('error', () => {});
    socket.on('close', () => this.#cancelTimer());
    this.#watch(parts.limits().tcpIdle);
  }

  get isIdle(): boolean {
    return this.#underWay === 0;
  }

  /** Takes no more questions, answers those that are complete and closes. A half-closed client gets its answers. */
  stop(): void {
    this.#inputEnded = true;
    this.#serve();
  }

  destroy(): void {
    this.socket.destroy();
  }

  #onData(chunk: Buffer): void {
    // After the end octets are read only so that closing does not reset the connection under the last reply.
    if (this.#inputEnded) return;
    this.#framing.push(chunk);
    this.#serve();
  }

  /** Answers what is complete, as far as the client may ask now, and decides whether to read on. */
  #serve(): void {
    if (this.socket.destroyed || this.#finishing) return;
    this.socket.cork();
    let message = this.#nextMessage();
    while (message !== undefined) {
      this.#answer(message);
      message = this.#nextMessage();
    }
    this.socket.uncork();
    if (this.socket.destroyed) return;
    if (this.#inputEnded && this.isIdle && this.#mayAskMore()) this.#finish();
    else if (this.#inputEnded || this.#mayAskMore()) this.socket.resume();
    else this.socket.pause();
  }

  #nextMessage(): Buffer | undefined {
    return this.#mayAskMore() ? this.#framing.next() : undefined;
  }

  #mayAskMore(): boolean {
    if (this.socket.destroyed) return false;
    return this.#underWay < this.parts.limits().tcpPipeline && !this.socket.writableNeedDrain;
  }

  #answer(octets: Buffer): void {
    if (octets.length < HEADER_OCTETS) {
      this.destroy();
      return;
    }
    this.#lastUseful = this.parts.clock.now();
    const request = { octets, transport: 'tcp', address: this.address, port: this.#port } as const;
    const reply = this.parts.handle(request, (later) => this.#onLater(later));
    if (reply !== 'later') {
      this.#send(reply);
      return;
    }
    this.#underWay++;
    if (this.#underWay === 1) this.parts.onChange(this);
  }

  #onLater(reply: Reply): void {
    this.#send(reply);
    this.#underWay--;
    if (this.#underWay === 0) {
      this.#lastUseful = this.parts.clock.now();
      this.parts.onChange(this);
    }
    this.#serve();
  }

  #send(reply: Reply): void {
    if (reply === undefined || this.socket.destroyed) return;
    this.socket.write(framed(reply), () => {
      this.#lastUseful = this.parts.clock.now();
    });
  }

  /** Closes our side when all is written; the client has LINGER to close its own. */
  #finish(): void {
    this.#finishing = true;
    this.#inputEnded = true;
    this.#cancelTimer();
    this.socket.end();
    this.socket.resume();
    this.#cancelTimer = this.parts.clock.schedule(LINGER, () => this.destroy());
  }

  #watch(delay: number): void {
    this.#cancelTimer = this.parts.clock.schedule(delay, () => this.#onTimer());
  }

  /** One timer for the life of the connection, looked at when it runs out: moving it with each question would cost. */
  #onTimer(): void {
    const { tcpIdle } = this.parts.limits();
    const left = this.isIdle ? this.#lastUseful + tcpIdle - this.parts.clock.now() : tcpIdle;
    if (left > 0) this.#watch(left);
    // Replies the client has not read in all that time will not be read.
    else if (this.socket.writableLength > 0) this.destroy();
    else this.#finish();
  }
}
