/**
 * Questions sent to a server over UDP as fast as it answers, or at a rate, and how long the answers took. So many are under
 * way at most; what is not answered in time is lost, and not asked again: a benchmark that repeats hides what was lost.
 */
import { createSocket, type Socket } from 'node:dgram';
import type { ServerAddress } from '../dns/address.js';
import { LatencyHistogram } from '../server/latency-histogram.js';
import { HEADER_OCTETS } from '../wire/header.js';

export interface Load {
  readonly server: ServerAddress;
  /** Whole messages, asked in turn and from the first again; their IDs are written over. */
  readonly queries: readonly Buffer[];
  /** Sockets, each with a port of its own: 1 to 1000. */
  readonly clients: number;
  /** Queries under way at most, all clients together: 1 to MAX_OUTSTANDING. */
  readonly outstanding: number;
  /** Queries a second; undefined: as fast as answers come. */
  readonly rate: number | undefined;
  /** Seconds. */
  readonly seconds: number;
  /** Queries in all at most. */
  readonly count: number;
  /** Milliseconds after which a query is lost. */
  readonly timeout: number;
}

export interface LoadResult {
  readonly sent: number;
  readonly answered: number;
  readonly lost: number;
  /** Datagrams that answer nothing that was asked. */
  readonly unexpected: number;
  readonly truncated: number;
  readonly byRcode: ReadonlyMap<number, number>;
  /** From the first query to the last answer or, when some were lost, to the last query. */
  readonly seconds: number;
  readonly latency: LatencyHistogram;
}

const IDS = 0x10000;
/** Fewer than one client has IDs. */
export const MAX_OUTSTANDING = 50_000;
const TICK_MS = 1;
const MAX_DATAGRAM_BUFFER = 1 << 22;

interface Pending {
  readonly query: Buffer;
  readonly at: number;
}

class Client {
  readonly pending = new Map<number, Pending>();
  #lastId = 0;

  constructor(readonly socket: Socket) {}

  send(query: Buffer, now: number): void {
    do this.#lastId = (this.#lastId + 1) % IDS;
    while (this.pending.has(this.#lastId));
    const octets = Buffer.from(query);
    octets.writeUInt16BE(this.#lastId, 0);
    this.pending.set(this.#lastId, { query, at: now });
    this.socket.send(octets);
  }

  /** The question that a reply answers; undefined when it answers none. */
  take(reply: Buffer): Pending | undefined {
    if (reply.length < HEADER_OCTETS || (reply[2]! & 0x80) === 0) return undefined;
    const id = reply.readUInt16BE(0);
    const pending = this.pending.get(id);
    if (pending === undefined || !asksTheSame(pending.query, reply)) return undefined;
    this.pending.delete(id);
    return pending;
  }

  /** Forgets what was sent before; how many. The oldest come first in a Map. */
  expire(before: number): number {
    let lost = 0;
    for (const [id, { at }] of this.pending) {
      if (at >= before) break;
      this.pending.delete(id);
      lost++;
    }
    return lost;
  }
}

/** A reply without the question, as some servers send failures, counts as well. */
function asksTheSame(query: Buffer, reply: Buffer): boolean {
  if (reply.readUInt16BE(4) === 0) return true;
  let end = HEADER_OCTETS;
  while (query[end]! > 0) end += query[end]! + 1;
  end += 5;
  return reply.length >= end && reply.compare(query, HEADER_OCTETS, end, HEADER_OCTETS, end) === 0;
}

/** Rejects when sockets cannot be made. `progress` is told how many were sent, often. */
export async function runLoad(load: Load, progress: (sent: number) => void = () => undefined): Promise<LoadResult> {
  const clients = await Promise.all(Array.from({ length: load.clients }, () => connect(load.server)));
  try {
    return await new Run(load, clients, progress).result;
  } finally {
    for (const { socket } of clients) socket.close();
  }
}

async function connect(server: ServerAddress): Promise<Client> {
  const socket = createSocket({
    type: server.address.includes(':') ? 'udp6' : 'udp4',
    recvBufferSize: MAX_DATAGRAM_BUFFER,
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.connect(server.port, server.address, resolve);
  });
  socket.removeAllListeners('error');
  // Nobody listens there: what was sent is lost, as the counters say.
  socket.on('error', () => undefined);
  return new Client(socket);
}

class Run {
  readonly result: Promise<LoadResult>;
  readonly #latency = new LatencyHistogram();
  readonly #byRcode = new Map<number, number>();
  readonly #started = performance.now();
  readonly #timer: NodeJS.Timeout;
  #finish!: (result: LoadResult) => void;
  #sent = 0;
  #answered = 0;
  #lost = 0;
  #unexpected = 0;
  #truncated = 0;
  #lastAt = this.#started;

  constructor(
    readonly load: Load,
    readonly clients: readonly Client[],
    readonly progress: (sent: number) => void,
  ) {
    this.result = new Promise((resolve) => {
      this.#finish = resolve;
    });
    for (const client of clients) client.socket.on('message', (reply) => this.#received(client, reply));
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
    this.#sendDue();
  }

  get #isOver(): boolean {
    return this.#sent >= this.load.count || performance.now() - this.#started >= this.load.seconds * 1000;
  }

  get #underWay(): number {
    return this.#sent - this.#answered - this.#lost;
  }

  #tick(): void {
    const before = performance.now() - this.load.timeout;
    for (const client of this.clients) this.#lost += client.expire(before);
    this.#sendDue();
    this.progress(this.#sent);
    if (this.#isOver && this.#underWay === 0) this.#end();
  }

  #sendDue(): void {
    const { rate, outstanding, queries, count } = this.load;
    if (this.#isOver) return;
    const now = performance.now();
    const due = rate === undefined ? count : Math.floor(((now - this.#started) * rate) / 1000) + 1;
    const most = Math.min(due, count, this.#sent + outstanding - this.#underWay);
    while (this.#sent < most) {
      this.clients[this.#sent % this.clients.length]!.send(queries[this.#sent % queries.length]!, performance.now());
      this.#sent++;
    }
    this.#lastAt = now;
  }

  #received(client: Client, reply: Buffer): void {
    const pending = client.take(reply);
    if (pending === undefined) {
      this.#unexpected++;
      return;
    }
    this.#lastAt = performance.now();
    this.#latency.add(this.#lastAt - pending.at);
    this.#answered++;
    const rcode = reply[3]! & 0x0f;
    this.#byRcode.set(rcode, (this.#byRcode.get(rcode) ?? 0) + 1);
    if ((reply[2]! & 0x02) !== 0) this.#truncated++;
    if (this.load.rate === undefined) this.#sendDue();
  }

  #end(): void {
    clearInterval(this.#timer);
    this.#finish({
      sent: this.#sent,
      answered: this.#answered,
      lost: this.#lost,
      unexpected: this.#unexpected,
      truncated: this.#truncated,
      byRcode: this.#byRcode,
      seconds: Math.max(1e-6, (this.#lastAt - this.#started) / 1000),
      latency: this.#latency,
    });
  }
}
