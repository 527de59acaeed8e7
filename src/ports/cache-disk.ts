/**
 * Where the cache outlives the process: a few files in one directory, in cli/ on a disk, in tests in memory. Every method
 * rejects with the system's error when the disk will not have it.
 */
export interface CacheDisk {
  /** Names it in messages. */
  readonly where: string;
  /** Keeps other processes out until release(). False: one is in there. */
  claim(): Promise<boolean>;
  release(): Promise<void>;
  /** Names of the files that are there. */
  list(): Promise<readonly string[]>;
  /** Undefined when there is no such file. Rejects when it is not one to be believed, a link or somebody else's. */
  open(name: string): Promise<DiskReader | undefined>;
  /** A new, empty file; one that was there is gone. */
  create(name: string): Promise<DiskWriter>;
  /** Takes the place of `to` in one step, which is on the disk when it resolves. */
  rename(from: string, to: string): Promise<void>;
  /** Another name for the same file, or a copy of it; one that had the name is gone. */
  keepAs(name: string, other: string): Promise<void>;
  /** No error when it is not there. */
  remove(name: string): Promise<void>;
}

export interface DiskReader {
  /** Octets. */
  readonly size: number;
  /** Fills `into` from `position` on; the number of octets read, fewer only at the end of the file. */
  read(into: Buffer, position: number): Promise<number>;
  close(): Promise<void>;
}

export interface DiskWriter {
  /** At the end, all of it. */
  write(octets: Buffer): Promise<void>;
  /** Resolves when what was written would survive a loss of power, the name of the file included. */
  sync(): Promise<void>;
  close(): Promise<void>;
}
