/**
 * A disk in memory that can be pulled out: what was not synced may be lost then, as on a real one. It can refuse, and it
 * counts what it did.
 */
import type { CacheDisk, DiskReader, DiskWriter } from '../../src/ports/cache-disk.js';

interface StoredFile {
  octets: Buffer;
  /** How many of them would survive a loss of power. */
  synced: number;
}

export class MemoryDisk implements CacheDisk {
  readonly where = '/kept';
  readonly files = new Map<string, StoredFile>();
  syncs = 0;
  isTaken = false;
  /** Every change is refused with this code. */
  refusing: string | undefined;
  /** Reading and syncing wait for it. */
  held: Promise<void> | undefined;

  async claim(): Promise<boolean> {
    this.#check();
    return !this.isTaken;
  }

  async release(): Promise<void> {}

  async list(): Promise<readonly string[]> {
    return [...this.files.keys()];
  }

  async open(name: string): Promise<DiskReader | undefined> {
    const file = this.files.get(name);
    if (file === undefined) return undefined;
    const { octets } = file;
    return {
      size: octets.length,
      read: async (into, position) => {
        await this.held;
        return octets.copy(into, 0, Math.min(position, octets.length));
      },
      close: async () => undefined,
    };
  }

  async create(name: string): Promise<DiskWriter> {
    this.#check();
    const file: StoredFile = { octets: Buffer.alloc(0), synced: 0 };
    this.files.set(name, file);
    return {
      write: async (octets) => {
        this.#check();
        file.octets = Buffer.concat([file.octets, octets]);
      },
      sync: async () => {
        await this.held;
        this.#check();
        this.syncs++;
        file.synced = file.octets.length;
      },
      close: async () => undefined,
    };
  }

  async rename(from: string, to: string): Promise<void> {
    this.#check();
    const file = this.files.get(from);
    if (file === undefined) throw Object.assign(new Error(`ENOENT: ${from}`), { code: 'ENOENT' });
    this.files.delete(from);
    this.files.set(to, file);
  }

  async keepAs(name: string, other: string): Promise<void> {
    this.#check();
    this.files.set(other, this.files.get(name)!);
  }

  async remove(name: string): Promise<void> {
    this.files.delete(name);
  }

  /** What the next process finds. `power`: whether it went too, and what was not synced with it. */
  afterCrash({ power }: { readonly power: boolean }): MemoryDisk {
    const next = new MemoryDisk();
    for (const [name, { octets, synced }] of this.files) {
      const left = Buffer.from(power ? octets.subarray(0, synced) : octets);
      next.files.set(name, { octets: left, synced: left.length });
    }
    return next;
  }

  octets(name: string): Buffer {
    const file = this.files.get(name);
    if (file === undefined) throw new Error(`there is no ${name}, only ${[...this.files.keys()].join(' ')}`);
    return file.octets;
  }

  put(name: string, octets: Buffer): void {
    this.files.set(name, { octets, synced: octets.length });
  }

  #check(): void {
    if (this.refusing !== undefined) {
      throw Object.assign(new Error(`${this.refusing}: refused`), { code: this.refusing });
    }
  }
}
