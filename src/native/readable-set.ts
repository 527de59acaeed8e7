/**
 * HOT. Which of many sockets have something to read? One epoll(7) descriptor knows, and Node's event loop watches that one
 * alone: a socket costs the loop nothing, and those that became readable together are read together.
 */
import { EPOLL_CLOEXEC, EPOLL_CTL_ADD, EPOLLIN, EVENT_DATA, EVENT_OCTETS } from './epoll.js';
import type { Libc, Watch } from './libc.js';

/**
 * Told of in one turn of the event loop at most. What follows from each is worked on before anybody else has a turn; the
 * rest is told of in the next.
 */
const BATCH = 32;

export class ReadableSet {
  readonly #epoll: number;
  readonly #watch: Watch;
  readonly #events = Buffer.alloc(BATCH * EVENT_OCTETS);
  readonly #fields = new DataView(this.#events.buffer, this.#events.byteOffset, this.#events.length);
  readonly #added = Buffer.alloc(EVENT_OCTETS);
  #isDue = false;
  /** Whether `told` returned true. */
  #isDone = true;
  #isClosed = false;

  /**
   * `readable` is told of each descriptor that has something to read or an error to tell, and again until it was read.
   * `told` is called after some of them, with whether that is the first call in this turn; returns it false, then again in
   * the next turn, and others are told of only when it has returned true. A descriptor that was closed and opened anew
   * meanwhile may be told of in vain. Throws an Error when the system has no such set.
   */
  constructor(
    private readonly libc: Libc,
    private readonly readable: (fd: number) => void,
    private readonly told: (isFirst: boolean) => boolean,
  ) {
    this.#epoll = libc.epollCreate(EPOLL_CLOEXEC);
    if (this.#epoll < 0) throw new Error(`epoll_create1 failed with error ${libc.errno()}`);
    try {
      this.#watch = libc.watch(this.#epoll, () => this.#wake());
      // Whoever waits for something to read has a timeout, which keeps the process alive.
      this.#watch.unref();
    } catch (error) {
      libc.close(this.#epoll);
      throw error;
    }
  }

  /** False when the system will not. A descriptor that is closed is in the set no more. */
  add(fd: number): boolean {
    this.#added.writeUInt32LE(EPOLLIN, 0);
    this.#added.writeInt32LE(fd, EVENT_DATA);
    return this.libc.epollControl(this.#epoll, EPOLL_CTL_ADD, fd, this.#added) === 0;
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#watch.close();
    this.libc.close(this.#epoll);
  }

  /** The watch calls from outside of JavaScript, where promises would not go on: an immediate of the same turn does. */
  #wake(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    setImmediate(() => this.#tell());
  }

  #tell(): void {
    this.#isDue = false;
    if (this.#isClosed) return;
    const wasDone = this.#isDone;
    if (!wasDone) this.#isDone = this.told(true);
    if (this.#isDone) {
      this.#tellOfEach();
      this.#isDone = this.told(wasDone);
    }
    if (!this.#isDone) this.#wake();
  }

  #tellOfEach(): void {
    const count = this.libc.epollWait(this.#epoll, this.#events, BATCH, 0);
    // Whoever is told may close the set; nothing is told of it then.
    for (let i = 0; i < count && !this.#isClosed; i++) {
      this.readable(this.#fields.getInt32(i * EVENT_OCTETS + EVENT_DATA, true));
    }
  }
}
