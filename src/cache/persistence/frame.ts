/**
 * How do records lie in a file, so that a damaged one costs itself alone? Each stands in a frame whose head has a check
 * of its own: whoever finds the head sound knows how far the record goes and what it was, though it cannot be read.
 *
 *   frame: sync (2 octets: a7 5e) kind (1) length (3) check of kind and length (2) CRC-32 of the payload (4) payload
 *
 * Two traps. In a journal, a frame that cannot be read may have taken something back: see load.ts. And payloads hold what
 * strangers sent: a record could hold a frame, to be found when the one around it is damaged. So both checks begin with
 * the salt of the file, which nobody outside knows.
 */
import { crc32 } from 'node:zlib';

/**
 * `set`: an entry as portable.ts has it. `delete`: a key. `flush`: a filter, of what stood before. `end`: the number of
 * entries of a snapshot, at its end.
 */
const FRAME_KINDS = ['header', 'set', 'delete', 'flush', 'end'] as const;
export type FrameKind = (typeof FRAME_KINDS)[number];

export const FRAME_HEAD = 12;
/** Octets of a payload: one reply with proofs takes 262144 at most (limits.entryOctets), with key and head. */
export const MAX_PAYLOAD = 2 ** 19;

const SYNC = 0xa75e;
const SYNC_OCTETS = Buffer.from([SYNC >> 8, SYNC & 0xff]);

/** Completes the frame that begins at `at`, whose payload of `length` octets stands FRAME_HEAD octets later. `salt`: 32 bits. */
export function sealFrame(target: Buffer, at: number, kind: FrameKind, length: number, salt: number): void {
  const code = FRAME_KINDS.indexOf(kind);
  const start = at + FRAME_HEAD;
  target.writeUInt16BE(SYNC, at);
  target.writeUInt8(code, at + 2);
  target.writeUIntBE(length, at + 3, 3);
  target.writeUInt16BE(headCheck(code, length, salt), at + 6);
  target.writeUInt32BE(crc32(target.subarray(start, start + length), salt), at + 8);
}

/** A frame with a payload made before. At most MAX_PAYLOAD octets. */
export function frameOf(kind: FrameKind, payload: Buffer, salt: number): Buffer {
  const frame = Buffer.allocUnsafe(FRAME_HEAD + payload.length);
  payload.copy(frame, FRAME_HEAD);
  sealFrame(frame, 0, kind, payload.length, salt);
  return frame;
}

/** Differs whenever one bit of kind or length does: an odd factor carries each of them into the upper half. */
function headCheck(code: number, length: number, salt: number): number {
  return (Math.imul(((code << 24) | length) ^ salt, 0x9e3779b1) >>> 16) & 0xffff;
}

/** What is at a place of a file. */
export type Scanned =
  /** A frame, up to `end`; its payload is a part of the buffer. */
  | { readonly kind: 'frame'; readonly frame: FrameKind; readonly payload: Buffer; readonly end: number }
  /** Damage that ends at `end`. `lost`: what stood there, when the head of it is sound. */
  | { readonly kind: 'damage'; readonly lost: FrameKind | undefined; readonly end: number }
  /** More octets are needed to tell. */
  | { readonly kind: 'short' };

/**
 * Looks at `from` in the first `end` octets of `buffer`. Damage goes on until the next head that is sound; when there is
 * none, up to the last octet but one, which may begin one.
 */
export function scanFrame(buffer: Buffer, from: number, end: number, salt: number): Scanned {
  if (end - from < FRAME_HEAD) return { kind: 'short' };
  const frame = frameAt(buffer, from, salt);
  if (frame === undefined) return { kind: 'damage', lost: undefined, end: nextHead(buffer, from + 1, end, salt) };
  const start = from + FRAME_HEAD;
  const stop = start + buffer.readUIntBE(from + 3, 3);
  if (stop > end) return { kind: 'short' };
  const payload = buffer.subarray(start, stop);
  if (crc32(payload, salt) === buffer.readUInt32BE(from + 8)) return { kind: 'frame', frame, payload, end: stop };
  return { kind: 'damage', lost: frame, end: stop };
}

/** The kind of frame whose head is at `at`; undefined when there is none. */
function frameAt(buffer: Buffer, at: number, salt: number): FrameKind | undefined {
  if (buffer.readUInt16BE(at) !== SYNC) return undefined;
  const code = buffer.readUInt8(at + 2);
  const length = buffer.readUIntBE(at + 3, 3);
  if (length > MAX_PAYLOAD || buffer.readUInt16BE(at + 6) !== headCheck(code, length, salt)) return undefined;
  return FRAME_KINDS[code];
}

/** Linear: each octet is looked at once, each place that could be a head by a few. */
function nextHead(buffer: Buffer, from: number, end: number, salt: number): number {
  for (let at = buffer.indexOf(SYNC_OCTETS, from); at >= 0 && at < end; at = buffer.indexOf(SYNC_OCTETS, at + 1)) {
    if (at + FRAME_HEAD > end || frameAt(buffer, at, salt) !== undefined) return at;
  }
  return Math.max(from, end - 1);
}
