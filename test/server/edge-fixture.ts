/** What do the tests of server/ stand on? A resolver that says what it is told, a clock set by hand, chance that repeats. */
import { defaultLimits } from '../../src/config/limits.js';
import { serverAddress } from '../../src/dns/address.js';
import type { Edns, Message, Question } from '../../src/dns/message.js';
import { nameFromText } from '../../src/dns/name.js';
import { Class, Opcode, Rcode, Type } from '../../src/dns/numbers.js';
import { type Octets, octetsFrom } from '../../src/dns/octets.js';
import type { Resolution } from '../../src/dns/resolution.js';
import type { RRset } from '../../src/dns/rrset.js';
import type { Clock } from '../../src/ports/clock.js';
import { resumedBy } from '../../src/ports/continuation.js';
import type { Log } from '../../src/ports/log.js';
import type { Random } from '../../src/ports/random.js';
import type { ResolveOptions, Resolver, Resolving } from '../../src/ports/resolver.js';
import type { Later, Reply } from '../../src/server/client-request.js';
import { Edge } from '../../src/server/edge.js';
import { handleQuery } from '../../src/server/handle-query.js';
import { QueryStatsRecorder } from '../../src/server/query-stats.js';
import type { ServerSettings } from '../../src/server/settings.js';
import { decodeMessage } from '../../src/wire/decode-message.js';
import { type EncodeOptions, encodeMessage } from '../../src/wire/encode-message.js';

export const LOCALHOST = serverAddress('127.0.0.1', 0);
export const WWW = nameFromText('www.example.');

export function settings(changed: Partial<Omit<ServerSettings, 'limits'>> & { limits?: object } = {}): ServerSettings {
  const { limits, ...rest } = changed;
  const loopback = ['127.0.0.0/8', '::1/128'];
  return {
    allow: loopback,
    snoop: loopback,
    notify: [],
    ednsBufferSize: 1232,
    logQueries: false,
    ...rest,
    limits: { ...defaultLimits(), ...limits },
  };
}

/** Time stands still until `advance`. */
class HandClock implements Clock {
  #now = 0;
  #timers: { at: number; action: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  wall(): number {
    return 1_800_000_000_000 + this.#now;
  }

  schedule(delay: number, action: () => void): () => void {
    const timer = { at: this.#now + delay, action };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /** Lets `ms` pass; what falls due runs at its time, what that schedules as well. */
  advance(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const due = this.#timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (due === undefined) break;
      this.#timers = this.#timers.filter((other) => other !== due);
      this.#now = due.at;
      due.action();
    }
    this.#now = end;
  }
}

class LogBook implements Log {
  readonly lines: { readonly level: string; readonly fields: object; readonly message: string }[] = [];
  debug = (fields: object, message: string) => void this.lines.push({ level: 'debug', fields, message });
  info = (fields: object, message: string) => void this.lines.push({ level: 'info', fields, message });
  warn = (fields: object, message: string) => void this.lines.push({ level: 'warn', fields, message });
  error = (fields: object, message: string) => void this.lines.push({ level: 'error', fields, message });

  at(level: string) {
    return this.lines.filter((line) => line.level === level);
  }
}

/** Always the last of what is possible: a rotation shows. */
export const lastOne: Random = { below: (bound) => bound - 1 };

export function rrset(type: number, rdatas: readonly Octets[], more: Partial<RRset> = {}): RRset {
  return { name: WWW, type, ttl: 300, rdatas, signatures: [], ...more };
}

export const ADDRESS = octetsFrom(192, 0, 2, 1);
export const SIGNATURE = octetsFrom(0, 1, 8, 2, 0, 0, 1, 44, 0, 0, 0, 9, 0, 0, 0, 1, 0, 7, 0, 1, 2, 3);

export function resolution(more: Partial<Resolution> = {}): Resolution {
  return {
    rcode: Rcode.NOERROR,
    answer: [rrset(Type.A, [ADDRESS])],
    authority: [],
    security: { kind: 'insecure' },
    because: [],
    source: 'network',
    authoritative: false,
    ...more,
  };
}

/** Says what `knows` and `finds` say, and remembers what it was asked. Asked for what they lack, it throws. */
export class ToldResolver implements Resolver {
  readonly asked: {
    readonly how: 'known' | 'resolve';
    readonly question: Question;
    readonly options: ResolveOptions;
  }[] = [];
  knows: (question: Question) => Resolution | undefined = () => undefined;
  finds: (question: Question) => Promise<Resolution> = () => Promise.resolve(resolution());

  known(question: Question, options: ResolveOptions): Resolution | undefined {
    this.asked.push({ how: 'known', question, options });
    return this.knows(question);
  }

  begin(question: Question, options: ResolveOptions): Resolution | Resolving {
    return this.known(question, options) ?? ((waiting) => resumedBy(this.resolve(question, options), waiting));
  }

  resolve(question: Question, options: ResolveOptions): Promise<Resolution> {
    this.asked.push({ how: 'resolve', question, options });
    return this.finds(question);
  }
}

export function query(more: Partial<Message> = {}): Message {
  return {
    id: 0x1234,
    opcode: Opcode.QUERY,
    rcode: Rcode.NOERROR,
    qr: false,
    aa: false,
    tc: false,
    rd: true,
    ra: false,
    ad: false,
    cd: false,
    questions: [{ name: WWW, type: Type.A, class: Class.IN }],
    answer: [],
    authority: [],
    additional: [],
    edns: undefined,
    ...more,
  };
}

export function questionOf(type: number, name = WWW): Partial<Message> {
  return { questions: [{ name, type, class: Class.IN }] };
}

export function edns(more: Partial<Edns> = {}): Edns {
  return { version: 0, udpSize: 4096, dnssecOk: false, options: [], ...more };
}

export function octetsOfQuery(more: Partial<Message> = {}, options: EncodeOptions = {}): Buffer {
  return encodeMessage(query(more), options).bytes;
}

export interface Sender {
  readonly transport?: 'udp' | 'tcp';
  readonly address?: string;
  readonly port?: number;
}

/** An edge without sockets: octets in, octets out. */
export class Desk {
  readonly resolver = new ToldResolver();
  readonly clock = new HandClock();
  readonly log = new LogBook();
  readonly stats = new QueryStatsRecorder();
  readonly edge: Edge;

  /** @param answerOctets of the answer cache */
  constructor(settingsHere: ServerSettings = settings(), answerOctets = 0) {
    const { resolver, clock, log, stats } = this;
    this.edge = new Edge({ resolver, clock, log, stats, random: lastOne, settings: settingsHere, answerOctets });
  }

  /** What handleQuery makes of it, without waiting. */
  hand(octets: Uint8Array, from: Sender = {}): Reply | Promise<Reply> {
    let later: Later = () => undefined;
    const promise = new Promise<Reply>((resolve) => {
      later = resolve;
    });
    const request = { octets, transport: 'udp', address: '127.0.0.1', port: 40_000, ...from } as const;
    const reply = handleQuery(request, this.edge, later);
    return reply === 'later' ? promise : reply;
  }

  async octets(octets: Uint8Array, from: Sender = {}): Promise<Buffer | undefined> {
    return this.hand(octets, from);
  }

  /** The reply, decoded. Throws when there is none. */
  async ask(more: Partial<Message> = {}, from: Sender = {}): Promise<Message> {
    const reply = await this.octets(octetsOfQuery(more), from);
    if (reply === undefined) throw new Error('no reply');
    return decodeMessage(reply);
  }
}
