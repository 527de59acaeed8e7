/**
 * Memory that V8 does not count. It counts what array buffers take against the limit at which it collects old objects, so
 * that each 20 MiB a cache grows by were one collection more, a pause of several milliseconds that finds nothing to free.
 * Memory that could be shared between threads is left out of that count; nobody shares this.
 */

interface Numbers<T> {
  readonly BYTES_PER_ELEMENT: number;
  new (memory: SharedArrayBuffer): T;
}

/** So many numbers, 0 at first. Given back like any others when nothing refers to them. */
export function uncounted<T>(Kind: Numbers<T>, length: number): T {
  return new Kind(new SharedArrayBuffer(length * Kind.BYTES_PER_ELEMENT));
}

export function isUncounted(octets: Uint8Array): boolean {
  return octets.buffer instanceof SharedArrayBuffer;
}
