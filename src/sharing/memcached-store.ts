/**
 * memcached over one connection, by its text protocol: it asks for many keys in one line, which the client libraries do
 * not. Replies come in the order of the commands. There are no messages: other instances find flushes in the log.
 */
import { connect, type Socket } from 'node:net';
import { MemcachedProtocolError, MemcachedReplies, type MemcachedReply } from './memcached-replies.js';
import type { OpenStore, SharedStore, StoreEvents, StoreWrite } from './shared-store.js';

const DEFAULT_PORT = 11_211;
/** memcached takes more than that for a moment since 1970: 30 days. Seconds. */
const LONGEST_TTL = 2_592_000;
/** Of one get: a lookup asks for some thirty keys. */
const MAX_VALUES = 64;
/** Commands under way: what a busy second may send while nothing comes back. */
const MAX_COMMANDS = 50_000;

/** Waits for the rest of one reply. */
interface Waiting {
  readonly values: Map<string, Buffer>;
  readonly resolve: (reply: { readonly text: string; readonly values: ReadonlyMap<string, Buffer> }) => void;
  readonly reject: (error: Error) => void;
}

/** @param maxOctets longest value worth reading */
export function memcachedStore(address: string, maxOctets: number): OpenStore {
  const { hostname, port } = new URL(address);
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  return (_channel, events) =>
    new Promise((resolve, reject) => {
      const socket = connect({ host, port: port === '' ? DEFAULT_PORT : Number(port), noDelay: true });
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject);
        resolve(new MemcachedStore(socket, new MemcachedReplies(maxOctets), events));
      });
    });
}

class MemcachedStore implements SharedStore {
  readonly #waiting: Waiting[] = [];
  #isClosed = false;

  constructor(
    readonly socket: Socket,
    readonly replies: MemcachedReplies,
    readonly events: StoreEvents,
  ) {
    socket.on('data', (octets) => this.#read(octets));
    socket.on('error', (error) => this.#lost(error));
    socket.on('close', () => this.#lost(new Error('memcached closed the connection')));
  }

  async getMany(keys: readonly string[]): Promise<(Buffer | undefined)[]> {
    const { text, values } = await this.#ask(Buffer.from(`get ${keys.join(' ')}\r\n`, 'latin1'));
    if (text !== 'END') throw new Error(`memcached answered a get with "${text}"`);
    return keys.map((key) => values.get(key));
  }

  async setMany(writes: readonly StoreWrite[]): Promise<number> {
    const texts = await Promise.all(writes.map((write) => this.#put('set', write)));
    return texts.filter((text) => text !== 'STORED').length;
  }

  async deleteMany(keys: readonly string[]): Promise<void> {
    await Promise.all(keys.map((key) => this.#ask(Buffer.from(`delete ${key}\r\n`, 'latin1'))));
  }

  /** `append` needs something to be there, `add` nothing: another instance may come between the two. */
  async append(write: StoreWrite): Promise<void> {
    for (let attempt = 0; attempt < 3; attempt++) {
      if ((await this.#put('append', write)) === 'STORED') {
        await this.#ask(Buffer.from(`touch ${write.key} ${secondsOf(write)}\r\n`, 'latin1'));
        return;
      }
      if ((await this.#put('add', write)) === 'STORED') return;
    }
    throw new Error('memcached does not take the log of flushes');
  }

  async publish(): Promise<void> {
    // There is nobody to hear it.
  }

  close(): void {
    this.#end(new Error('the connection to memcached was closed'));
  }

  async #put(command: 'set' | 'append' | 'add', write: StoreWrite): Promise<string> {
    const { key, value } = write;
    const head = Buffer.from(`${command} ${key} 0 ${secondsOf(write)} ${value.length}\r\n`, 'latin1');
    return (await this.#ask(Buffer.concat([head, value, Buffer.from('\r\n')]))).text;
  }

  #ask(command: Buffer): Promise<{ readonly text: string; readonly values: ReadonlyMap<string, Buffer> }> {
    return new Promise((resolve, reject) => {
      if (this.#isClosed) reject(new Error('there is no connection to memcached'));
      else if (this.#waiting.length >= MAX_COMMANDS) reject(new Error('too many commands wait for memcached'));
      else {
        this.#waiting.push({ values: new Map(), resolve, reject });
        this.socket.write(command);
      }
    });
  }

  #read(octets: Buffer): void {
    try {
      for (const reply of this.replies.read(octets)) this.#take(reply);
    } catch (error) {
      if (!(error instanceof MemcachedProtocolError)) throw error;
      this.#lost(error);
    }
  }

  #take(reply: MemcachedReply): void {
    const first = this.#waiting[0];
    if (first === undefined) throw new MemcachedProtocolError('memcached sent what nobody asked for');
    if (reply.kind === 'value') {
      if (reply.value !== undefined) first.values.set(reply.key, reply.value);
      if (first.values.size > MAX_VALUES) throw new MemcachedProtocolError('memcached sends values without an end');
      return;
    }
    // After an error of the protocol nobody knows where the next reply begins.
    if (/^(ERROR|CLIENT_ERROR)/.test(reply.text)) throw new MemcachedProtocolError(`memcached says "${reply.text}"`);
    this.#waiting.shift();
    first.resolve({ text: reply.text, values: first.values });
  }

  #lost(error: Error): void {
    if (this.#isClosed) return;
    this.#end(error);
    this.events.lost(error);
  }

  #end(error: Error): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.socket.destroy();
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }
}

function secondsOf({ ttl }: StoreWrite): number {
  return Math.min(LONGEST_TTL, Math.max(1, Math.ceil(ttl / 1000)));
}
