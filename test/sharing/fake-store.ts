/** A store in memory, shared by whoever opens it, that fails in the ways real ones do. */
import type { OpenStore, SharedStore, StoreEvents, StoreWrite } from '../../src/sharing/shared-store.js';

/** `dead`: refuses connections; `hanging`: takes everything and answers nothing; `full`: reads only. */
export type Mood = 'fine' | 'dead' | 'hanging' | 'full';

export class FakeStore {
  readonly values = new Map<string, Buffer>();
  readonly writes: StoreWrite[] = [];
  readonly deleted: string[] = [];
  mood: Mood = 'fine';
  /** Without it, like memcached, nobody hears messages. */
  hasMessages = true;
  /** Connections tried, and keys asked for. */
  opened = 0;
  lookups = 0;
  readonly #connections = new Set<FakeConnection>();

  readonly open: OpenStore = async (channel, events) => {
    this.opened++;
    if (this.mood === 'dead') throw new Error('connection refused');
    const connection = new FakeConnection(this, channel, events, () => this.#connections.delete(connection));
    this.#connections.add(connection);
    return connection;
  };

  /** As if the process had been killed. */
  die(): void {
    this.mood = 'dead';
    for (const { events } of [...this.#connections]) events.lost(new Error('connection reset'));
    this.#connections.clear();
  }

  /** To everybody on the channel, its sender too. */
  send(channel: string, message: Buffer): void {
    if (!this.hasMessages) return;
    for (const connection of this.#connections) if (connection.channel === channel) connection.events.message(message);
  }

  get listening(): readonly string[] {
    return [...this.#connections].map(({ channel }) => channel);
  }
}

class FakeConnection implements SharedStore {
  constructor(
    readonly store: FakeStore,
    readonly channel: string,
    readonly events: StoreEvents,
    readonly forget: () => void,
  ) {}

  async getMany(keys: readonly string[]) {
    await this.#mood();
    this.store.lookups++;
    return keys.map((key) => this.store.values.get(key));
  }

  async setMany(writes: readonly StoreWrite[]) {
    await this.#mood();
    if (this.store.mood === 'full') return writes.length;
    for (const write of writes) {
      this.store.writes.push(write);
      this.store.values.set(write.key, write.value);
    }
    return 0;
  }

  async deleteMany(keys: readonly string[]) {
    await this.#mood();
    for (const key of keys) {
      this.store.deleted.push(key);
      this.store.values.delete(key);
    }
  }

  async append({ key, value }: StoreWrite) {
    await this.#mood();
    this.store.values.set(key, Buffer.concat([this.store.values.get(key) ?? Buffer.alloc(0), value]));
  }

  async publish(message: Buffer) {
    await this.#mood();
    this.store.send(this.channel, message);
  }

  close(): void {
    this.forget();
  }

  async #mood(): Promise<void> {
    if (this.store.mood === 'hanging') await new Promise(() => undefined);
    if (this.store.mood === 'dead') throw new Error('connection reset');
  }
}
