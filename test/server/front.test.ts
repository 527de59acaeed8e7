/** A front without its thread: datagrams in, and what it answers, passes, keeps and counts. */
import { createSocket } from 'node:dgram';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { serverAddress } from '../../src/dns/address.js';
import { loadLibc } from '../../src/native/libc.js';
import { openUdp } from '../../src/native/udp-socket.js';
import { nextQuestion, passAnswer } from '../../src/server/fronts/crossing.js';
import { Front, type FrontSettings } from '../../src/server/fronts/front.js';
import { AWAKE, GENERATION, newFrontMemory, TURN } from '../../src/server/fronts/front-memory.js';
import { TallyReader } from '../../src/server/fronts/front-tally.js';
import { RingReader, RingWriter } from '../../src/server/fronts/octet-ring.js';
import { QueryStatsRecorder } from '../../src/server/query-stats.js';
import { decodeMessage } from '../../src/wire/decode-message.js';
import { encodeMessage } from '../../src/wire/encode-message.js';
import { ADDRESS, octetsOfQuery, query, settings, WWW } from './edge-fixture.js';
import { until } from './running-server.js';

const outcome = await loadLibc();
const libc = outcome.kind === 'there' ? outcome.libc : undefined;

const PLACE = 7;
const OURS = octetsOfQuery();
const REPLY = encodeMessage(
  query({ qr: true, ra: true, answer: [{ name: WWW, type: 1, class: 1, ttl: 300, rdata: ADDRESS }] }),
).bytes;

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const socket = createSocket('udp4');
  await new Promise<void>((bound) => socket.bind(0, '127.0.0.1', bound));
  const { port } = socket.address();
  await new Promise<void>((closed) => socket.close(closed));
  return port;
}

class Stand {
  readonly memory = newFrontMemory();
  readonly control = new Int32Array(this.memory.control);
  readonly questions = new RingReader(this.memory.questions);
  readonly answers = new RingWriter(this.memory.answers);
  readonly tally = new TallyReader(this.memory);
  readonly client = createSocket('udp4');
  readonly got: Buffer[] = [];
  changed: FrontSettings | undefined;
  now = 1000;
  readonly #fd: number;
  readonly #front: Front;

  constructor(private readonly port: number) {
    this.client.on('message', (octets) => this.got.push(octets));
    this.#fd = openUdp(libc!, serverAddress('127.0.0.1', port), 1_048_576);
    this.#front = new Front({
      libc: libc!,
      memory: this.memory,
      settings: settings(),
      answerOctets: 1_048_576,
      clock: { now: () => this.now },
      newSettings: () => this.changed,
    });
  }

  async serve(...queries: readonly Uint8Array[]): Promise<void> {
    await this.send(...queries);
    this.wait();
    this.read();
  }

  /** On loopback a datagram is in the socket when it is sent. */
  async send(...queries: readonly Uint8Array[]): Promise<void> {
    for (const octets of queries) {
      await new Promise((sent) => this.client.send(octets, this.port, '127.0.0.1', sent));
    }
  }

  wait(): void {
    this.#front.willWait();
  }

  read(): void {
    this.#front.serve(this.#fd, PLACE);
  }

  /** As the brain does it. */
  offer(generation: number): void {
    passAnswer(this.answers, OURS, REPLY, { generation, made: this.now });
  }

  passed(): number {
    let count = 0;
    while (nextQuestion(this.questions) !== undefined) count++;
    return count;
  }

  close(): void {
    this.client.close();
    libc!.close(this.#fd);
  }
}

describe.skipIf(libc === undefined)('a front', () => {
  let at: Stand;
  beforeEach(async () => {
    at = new Stand(await freePort());
  });
  afterEach(() => at.close());

  it('passes what it has no answer for, with all that is needed to reply, and wakes the brain', async () => {
    at.now = 1234.5;
    const rubbish = Buffer.from('rubbish');
    await at.serve(OURS, rubbish);
    expect(Atomics.load(at.control, AWAKE)).toBe(1);
    const { port } = at.client.address();
    for (const octets of [OURS, rubbish]) {
      const question = nextQuestion(at.questions)!;
      expect(question).toMatchObject({ place: PLACE, uncounted: 0, arrived: 1234.5, destination: undefined });
      expect(question.octets.equals(octets)).toBe(true);
      expect([...question.name.slice(2, 8)]).toEqual([port >> 8, port & 255, 127, 0, 0, 1]);
    }
    expect(nextQuestion(at.questions)).toBeUndefined();
    expect(Atomics.load(at.control, TURN)).toBe(2);
  });

  it('answers by itself what the brain has answered, counts it, and passes the count on when it asks anew', async () => {
    at.offer(0);
    const shouted = octetsOfQuery({ id: 99 });
    shouted.write('WWW', 13, 'latin1');
    await at.serve(OURS, shouted);
    await until(() => at.got.length === 2);
    const { id, answer } = decodeMessage(at.got[1]!);
    expect([id, answer[0]?.rdata]).toEqual([99, ADDRESS]);
    expect(at.got[1]!.toString('latin1', 13, 16)).toBe('WWW');
    const stats = new QueryStatsRecorder();
    stats.countedElsewhere(at.tally.take(), at.now);
    at.now += 5000;
    await at.serve(OURS);
    expect(nextQuestion(at.questions)?.uncounted).toBe(2);
    stats.countedElsewhere(at.tally.take(), at.now);
    expect(stats.snapshot(at.now)).toMatchObject({
      total: 2,
      hits: 2,
      byType: { A: 2 },
      hitsByType: { A: 2 },
      byRcode: { NOERROR: 2 },
      bySource: { cache: 2 },
      lastMinute: { hits: 2 },
      latencyMs: { hit: { count: 2 } },
    });
  });

  it('forgets at the next batch, and keeps nothing that was made before', async () => {
    at.offer(0);
    await at.serve(OURS);
    expect(at.passed()).toBe(0);
    Atomics.add(at.control, GENERATION, 1);
    at.offer(0);
    await at.serve(OURS);
    expect(at.passed()).toBe(1);
    at.offer(1);
    await at.serve(OURS);
    expect(at.passed()).toBe(0);
  });

  it('reads no socket that may have been closed since it was told that it is ready', async () => {
    await at.send(OURS);
    at.wait();
    // The number may by now be that of a socket towards a server, whose reply would be taken for a query.
    Atomics.add(at.control, GENERATION, 1);
    at.read();
    expect(at.passed()).toBe(0);
    expect(Atomics.load(at.control, TURN) % 2).toBe(0);
    at.wait();
    at.read();
    expect(at.passed()).toBe(1);
  });

  it('leaves refusing and logging to the brain', async () => {
    at.offer(0);
    at.changed = settings({ allow: [] });
    Atomics.add(at.control, GENERATION, 1);
    at.offer(1);
    await at.serve(OURS);
    expect(at.passed()).toBe(1);
    at.changed = settings({ logQueries: true });
    Atomics.add(at.control, GENERATION, 1);
    at.offer(2);
    await at.serve(OURS);
    expect(at.passed()).toBe(1);
  });

  it('drops what the brain has no room for, and counts it', async () => {
    const long = Buffer.alloc(4000);
    let sent = 0;
    for (; sent < 80; sent++) await at.serve(long);
    const { dropped } = at.tally.take();
    expect(dropped).toBeGreaterThan(0);
    expect(at.passed()).toBe(sent - dropped);
    await at.serve(OURS);
    expect(at.passed()).toBe(1);
    expect(at.tally.take().dropped).toBe(0);
  });
});
