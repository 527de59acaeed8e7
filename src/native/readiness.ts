/**
 * Which of several sockets have datagrams waiting? An epoll(7) set. Its owner adds and removes sockets from any thread;
 * one thread waits on it, blocked, and is woken by `wake` or by time.
 */
import { getSystemErrorName } from 'node:util';
import { EPOLL_CLOEXEC, EPOLL_CTL_ADD, EPOLL_CTL_DEL, EPOLLET, EPOLLIN, EVENT_DATA, EVENT_OCTETS } from './epoll.js';
import type { Libc } from './libc.js';

const EFD_CLOEXEC = 0x80000;
const EFD_NONBLOCK = 0x800;

/** Sockets told of by one call. */
const EVENTS = 16;
const WAKE = 0xffff_ffff;

export class ReadinessSet {
  readonly #wakeFd: number;

  /** The set itself, for `ReadinessWait` in whichever thread. */
  readonly fd: number;

  /** Throws an Error like Node's own when the system has no descriptor left. */
  constructor(private readonly libc: Libc) {
    this.fd = succeeded(libc, 'epoll_create1', libc.epollCreate(EPOLL_CLOEXEC));
    this.#wakeFd = libc.eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (this.#wakeFd < 0) {
      const error = systemError(libc, 'eventfd');
      libc.close(this.fd);
      throw error;
    }
    this.#control(EPOLL_CTL_ADD, this.#wakeFd, EPOLLIN | EPOLLET, WAKE);
  }

  /** Throws when the system refuses. @param label told with the socket whenever it is ready, 0..2^32-2 */
  add(fd: number, label: number): void {
    succeeded(this.libc, 'epoll_ctl', this.#control(EPOLL_CTL_ADD, fd, EPOLLIN, label));
  }

  /** Whoever waits is not told of it any more, from the next wait on. */
  remove(fd: number): void {
    this.#control(EPOLL_CTL_DEL, fd, 0, 0);
  }

  /** Ends the wait under way, or the next. */
  wake(): void {
    const one = Buffer.alloc(8);
    one.writeBigUInt64LE(1n);
    this.libc.write(this.#wakeFd, one, 8);
  }

  /** Nobody may be waiting any more. */
  close(): void {
    this.libc.close(this.#wakeFd);
    this.libc.close(this.fd);
  }

  #control(operation: number, fd: number, events: number, label: number): number {
    const event = Buffer.alloc(EVENT_OCTETS);
    event.writeUInt32LE(events >>> 0, 0);
    event.writeUInt32LE(fd, EVENT_DATA);
    event.writeUInt32LE(label, EVENT_DATA + 4);
    return this.libc.epollControl(this.fd, operation, fd, event);
  }
}

export class ReadinessWait {
  readonly #events = Buffer.alloc(EVENTS * EVENT_OCTETS);

  constructor(
    private readonly libc: Libc,
    private readonly setFd: number,
  ) {}

  /** How many are ready, in `fdAt` and `labelAt`; 0: woken, or so many milliseconds are over. Blocks the thread. */
  wait(timeout: number): number {
    const count = this.libc.epollWait(this.setFd, this.#events, EVENTS, timeout);
    return count > 0 ? this.#withoutWake(count) : 0;
  }

  fdAt(index: number): number {
    return this.#events.readUInt32LE(index * EVENT_OCTETS + EVENT_DATA);
  }

  labelAt(index: number): number {
    return this.#events.readUInt32LE(index * EVENT_OCTETS + EVENT_DATA + 4);
  }

  #withoutWake(count: number): number {
    for (let i = 0; i < count; i++) {
      if (this.labelAt(i) !== WAKE) continue;
      this.#events.copy(this.#events, i * EVENT_OCTETS, (count - 1) * EVENT_OCTETS, count * EVENT_OCTETS);
      return count - 1;
    }
    return count;
  }
}

/** What the call returned; throws when that means that it failed. */
function succeeded(libc: Libc, syscall: string, result: number): number {
  if (result < 0) throw systemError(libc, syscall);
  return result;
}

function systemError(libc: Libc, syscall: string): Error {
  const errno = libc.errno();
  const code = getSystemErrorName(-errno);
  return Object.assign(new Error(`${syscall} ${code}`), { code, errno: -errno, syscall });
}
