/**
 * The system calls Node does not offer, through koffi: many datagrams by one call, where a datagram
 * was sent to, and which of several sockets has any.
 * Linux with 64 bits and little-endian octets, glibc or musl: the layouts in datagrams.ts are theirs. Anywhere else
 * there is nothing here, and Node's own sockets do.
 */
import { endianness } from 'node:os';
import { isMainThread } from 'node:worker_threads';

export interface Libc {
  /** A new file descriptor, or -1. */
  readonly socket: (family: number, type: number, protocol: number) => number;
  readonly bind: (fd: number, address: Uint8Array, octets: number) => number;
  readonly setsockopt: (fd: number, level: number, option: number, value: Uint8Array, octets: number) => number;
  readonly close: (fd: number) => number;
  /** A new epoll(7) set, or -1. */
  readonly epollCreate: (flags: number) => number;
  readonly epollControl: (set: number, operation: number, fd: number, event: Uint8Array) => number;
  /** Sockets that are ready, or -1. Blocks the calling thread for up to `timeout` milliseconds. */
  readonly epollWait: (set: number, events: Uint8Array, count: number, timeout: number) => number;
  /** A counter that is readable while it is not zero (eventfd(2)), or -1. */
  readonly eventfd: (value: number, flags: number) => number;
  readonly write: (fd: number, octets: Uint8Array, count: number) => number;
  /** Datagrams received, or -1. */
  readonly recvmmsg: (fd: number, vector: Uint8Array, count: number, flags: number, timeout: null) => number;
  /** Datagrams sent, or -1 when the first could not be. */
  readonly sendmmsg: (fd: number, vector: Uint8Array, count: number, flags: number) => number;
  readonly connect: (fd: number, address: Uint8Array, octets: number) => number;
  /** Octets sent, or -1. */
  readonly send: (fd: number, octets: Uint8Array, count: number, flags: number) => number;
  /** Octets received, or -1. */
  readonly recv: (fd: number, into: Uint8Array, room: number, flags: number) => number;
  /** Whether `watch` works here. */
  readonly canWatch: boolean;
  /**
   * Has Node's event loop call `readable` for as long as the descriptor is, until `close`. The watch ends when nobody
   * holds it, and keeps the process alive unless `unref` is called. Throws when the loop cannot watch that descriptor, and in worker
   * threads: one that ends with a watch open takes the process with it (koffi 3.3.4).
   */
  readonly watch: (fd: number, readable: () => void) => Watch;
  /** Of the last call that failed. */
  readonly errno: () => number;
  /** Where the octets lie. They must belong to a buffer that is kept for as long as the address is used. */
  readonly addressOf: (octets: Uint8Array) => bigint;
}

/** Must be closed before its descriptor is. */
export interface Watch {
  close(): void;
  /** The process may end while this is open. */
  unref(): void;
}

export type LibcOutcome =
  | { readonly kind: 'there'; readonly libc: Libc }
  /** `because` is for the log. */
  | { readonly kind: 'missing'; readonly because: string };

/** Never rejects. */
export async function loadLibc(): Promise<LibcOutcome> {
  if (process.platform !== 'linux') return missing(`the system is ${process.platform}, not Linux`);
  const is64 = process.arch === 'x64' || process.arch === 'arm64' || process.arch === 'riscv64';
  if (!is64 || endianness() !== 'LE') return missing(`the processor is ${process.arch}`);
  try {
    const { default: koffi } = await import('koffi');
    // The program itself, which has its C library linked.
    const program = koffi.load(null);
    return {
      kind: 'there',
      libc: {
        socket: program.func('int socket(int, int, int)'),
        bind: program.func('int bind(int, const void *, unsigned int)'),
        setsockopt: program.func('int setsockopt(int, int, int, const void *, unsigned int)'),
        close: program.func('int close(int)'),
        epollCreate: program.func('int epoll_create1(int)'),
        epollControl: program.func('int epoll_ctl(int, int, int, const void *)'),
        epollWait: program.func('int epoll_wait(int, void *, int, int)'),
        eventfd: program.func('int eventfd(unsigned int, int)'),
        write: program.func('long write(int, const void *, unsigned long)'),
        recvmmsg: program.func('int recvmmsg(int, void *, unsigned int, int, void *)'),
        sendmmsg: program.func('int sendmmsg(int, void *, unsigned int, int)'),
        connect: program.func('int connect(int, const void *, unsigned int)'),
        send: program.func('long send(int, const void *, unsigned long, int)'),
        recv: program.func('long recv(int, void *, unsigned long, int)'),
        canWatch: isMainThread,
        watch(fd, readable) {
          if (!isMainThread) throw new Error('this is a worker thread');
          return koffi.node.poll(fd, readable);
        },
        errno: () => koffi.errno(),
        addressOf: (octets) => koffi.address(octets) as bigint,
      },
    };
  } catch (error) {
    return missing(`koffi could not be loaded (${error instanceof Error ? error.message.split('\n', 1)[0] : error})`);
  }
}

function missing(because: string): LibcOutcome {
  return { kind: 'missing', because };
}
