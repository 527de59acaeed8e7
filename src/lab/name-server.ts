/**
 * One name server of the lab: one address, UDP and TCP, its zones and its faults.
 *
 * Octets that are no query get no reply here (RFC 1035 leaves it open): a lab is asked by resolvers under test, and
 * what matters is what they do with replies.
 */
import { createSocket, type RemoteInfo, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import type { Edns, Message } from '../dns/message.js';
import type { Clock } from '../ports/clock.js';
import type { Log } from '../ports/log.js';
import { decodeMessage } from '../wire/decode-message.js';
import { encodeMessage } from '../wire/encode-message.js';
import { questionSpelling } from '../wire/peek.js';
import { WireError } from '../wire/wire-error.js';
import { indispensableGlue } from './answer.js';
import { breakOff, type Fault, replyOf } from './faults.js';
import type { LabServer } from './read-lab.js';
import { framed, MessageStream } from './tcp-messages.js';
import { ZoneSet } from './zone-set.js';

/** RFC 1035 §2.3.4: what a client without EDNS takes over UDP. */
const PLAIN_UDP_OCTETS = 512;
/** The largest datagram sent, whatever the client says it takes; BIND's and NSD's default too. */
const MAX_UDP_OCTETS = 4096;
const MAX_TCP_OCTETS = 65_535;
/** A TCP connection without queries is closed after this long (RFC 7766 §6.2.3 leaves the figure to the server). */
const TCP_IDLE_MS = 10_000;

export class NameServer {
  readonly #zones: ZoneSet;
  readonly #faults: readonly Fault[];
  readonly #udp: UdpSocket;
  readonly #tcp: Server;
  readonly #connections = new Set<Socket>();
  readonly #delayed = new Set<() => void>();

  constructor(
    readonly server: LabServer,
    private readonly clock: Pick<Clock, 'schedule'>,
    private readonly log: Log,
  ) {
    this.#zones = new ZoneSet(server.zones);
    this.#faults = server.faults;
    this.#udp = createSocket({ type: server.address.includes(':') ? 'udp6' : 'udp4' });
    this.#udp.on('message', (bytes, from) => this.#onDatagram(bytes, from));
    this.#tcp = createServer((connection) => this.#onConnection(connection));
  }

  /**
   * Listens on UDP and TCP and returns the port: `port`, or one the system picked when that is 0. Rejects with the
   * system's error (EADDRINUSE, EADDRNOTAVAIL, EACCES).
   */
  async listen(port: number): Promise<number> {
    if (this.#has('closed')) return port;
    this.#udp.bind({ port, address: this.server.address, exclusive: true });
    await once(this.#udp, 'listening');
    // Errors after this one are of single sends: the datagram is lost, as on any network.
    this.#udp.on('error', (error) => this.log.debug({ server: this.server.name, error }, 'lab: UDP error'));
    const bound = this.#udp.address().port;
    if (!this.#has('noTcp')) {
      this.#tcp.listen({ port: bound, host: this.server.address, exclusive: true });
      await once(this.#tcp, 'listening');
      this.#tcp.on('error', (error) => this.log.debug({ server: this.server.name, error }, 'lab: TCP error'));
    }
    return bound;
  }

  async close(): Promise<void> {
    for (const cancel of this.#delayed) cancel();
    this.#delayed.clear();
    for (const connection of this.#connections) connection.destroy();
    await Promise.all([closed((done) => this.#udp.close(done)), closed((done) => this.#tcp.close(done))]);
  }

  #has(kind: Fault['kind']): boolean {
    return this.#faults.some((fault) => fault.kind === kind);
  }

  #onDatagram(bytes: Buffer, from: RemoteInfo): void {
    this.#answer(bytes, 'udp', (reply) => this.#udp.send(reply, from.port, from.address));
  }

  #onConnection(connection: Socket): void {
    const stream = new MessageStream();
    this.#connections.add(connection);
    connection.setTimeout(TCP_IDLE_MS, () => connection.destroy());
    connection.on('error', () => connection.destroy()); // a client that went away
    connection.on('close', () => this.#connections.delete(connection));
    connection.on('data', (chunk) => {
      for (const bytes of stream.push(chunk)) {
        this.#answer(bytes, 'tcp', (reply) => {
          if (!connection.destroyed) connection.write(framed(reply));
        });
      }
    });
  }

  #answer(bytes: Buffer, transport: 'udp' | 'tcp', send: (reply: Uint8Array) => void): void {
    const query = this.#queryIn(bytes);
    if (query === undefined) return;
    const reply = replyOf(this.#zones, this.#faults, query, transport);
    if (reply.kind === 'none') return;
    const spelling = reply.keepsSpelling ? questionSpelling(bytes) : undefined;
    const encoded = encodeMessage(reply.message, {
      maxOctets: transport === 'udp' ? udpOctets(reply.message.edns && query.edns) : MAX_TCP_OCTETS,
      ...(spelling === undefined ? {} : { spelling }),
    }).bytes;
    const additional = encoded.readUInt16BE(ADDITIONAL_COUNT_AT) - (reply.message.edns === undefined ? 0 : 1);
    if (additional < indispensableGlue(reply.message)) setTruncated(encoded);
    if (reply.broken) breakOff(encoded);
    if (reply.delayMs === 0) send(encoded);
    else this.#later(reply.delayMs, () => send(encoded));
  }

  #queryIn(bytes: Buffer): Message | undefined {
    try {
      const message = decodeMessage(bytes);
      return message.qr ? undefined : message;
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      this.log.debug({ server: this.server.name, reason: error.message }, 'lab: not a DNS message');
      return undefined;
    }
  }

  #later(delayMs: number, action: () => void): void {
    const cancel = this.clock.schedule(delayMs, () => {
      this.#delayed.delete(cancel);
      action();
    });
    this.#delayed.add(cancel);
  }
}

/** Offset of ARCOUNT, RFC 1035 §4.1.1; it counts the OPT record too, which the encoder never leaves out. */
const ADDITIONAL_COUNT_AT = 10;

/** The encoder leaves additional records out in silence; without its glue a referral is of no use (RFC 9471 §3.1). */
function setTruncated(encoded: Buffer): void {
  encoded[2]! |= 0x02;
}

/** Octets of a datagram to a client that sent this OPT: less than 512 means 512 (RFC 6891 §6.2.3). */
function udpOctets(edns: Edns | undefined): number {
  return Math.min(MAX_UDP_OCTETS, Math.max(PLAIN_UDP_OCTETS, edns?.udpSize ?? 0));
}

/** Closing what is not open is no error here: a server may have got no further than its first socket. */
async function closed(close: (done: () => void) => void): Promise<void> {
  await new Promise<void>((resolve) => {
    try {
      close(resolve);
    } catch {
      resolve();
    }
  });
}
