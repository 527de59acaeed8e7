/** Numbers and layout of epoll(7). */

export const EPOLL_CLOEXEC = 0x80000;
export const EPOLL_CTL_ADD = 1;
export const EPOLL_CTL_DEL = 2;
export const EPOLLIN = 1;
/** Told once for each change, not for as long as there is something to read. */
export const EPOLLET = 0x8000_0000;

/** Where the data (u64) of a struct epoll_event stands, behind its events (u32): packed on x86-64 alone. */
export const EVENT_DATA = process.arch === 'x64' ? 4 : 8;
/** Octets of a struct epoll_event. */
export const EVENT_OCTETS = EVENT_DATA + 8;
