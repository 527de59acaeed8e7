/**
 * What is in a file of frames? The next piece is read while one is handled, and a piece is handled in slices between
 * which everything else has its turn; damage is stepped over.
 */
import type { DiskReader } from '../../ports/cache-disk.js';
import { Slice } from '../slices.js';
import { FRAME_HEAD, type FrameKind, MAX_PAYLOAD, scanFrame } from './frame.js';

const PIECE = 2 ** 19;
/** Octets of a slice at most, however fast they are done with. */
const MOST_IN_SLICE = 2 ** 17;
/** Room before a piece for the frame that began in the one before it. */
const ROOM = FRAME_HEAD + MAX_PAYLOAD;

export interface FrameVisitor {
  /** The payload is valid until it returns. */
  frame(kind: FrameKind, payload: Buffer): void;
  /** What stood at `offset` cannot be read. `lost`: what it was, when that can be told. */
  damage(offset: number, lost: FrameKind | undefined): void;
  /** The file ends at `offset` inside a frame, or holds zeros from there on: what was never written. */
  cutOff(offset: number): void;
  /** Asked between slices: whether to leave the rest. */
  isStopped(): boolean;
  /** Milliseconds, see Clock: by that slices end. */
  now(): number;
}

/** From `position` to the end of the file, or until it is stopped. Rejects when the disk does. */
export async function readFrames(
  reader: DiskReader,
  position: number,
  salt: number,
  visitor: FrameVisitor,
): Promise<void> {
  let [buffer, other] = [Buffer.allocUnsafe(ROOM + PIECE), Buffer.allocUnsafe(ROOM + PIECE)];
  const readPiece = (into: Buffer, from: number): Promise<number> => {
    const reading = reader.read(into.subarray(ROOM), from);
    // Whoever stops before it is awaited hears nothing of it.
    reading.catch(() => undefined);
    return reading;
  };
  let reading = readPiece(buffer, position);
  let held = 0;
  for (let from = position; ; ) {
    const read = await reading;
    if (read === 0) {
      if (held > 0) visitor.cutOff(from - held);
      return;
    }
    reading = readPiece(other, from + read);
    const end = ROOM + read;
    const at = await visitPiece({ buffer, at: ROOM - held, end, offset: from - ROOM, salt }, visitor);
    if (visitor.isStopped()) break;
    held = end - at;
    buffer.copy(other, ROOM - held, at, end);
    [buffer, other] = [other, buffer];
    from += read;
  }
  await reading;
}

interface Piece {
  readonly buffer: Buffer;
  readonly at: number;
  readonly end: number;
  /** In the file, of the first octet of the buffer. */
  readonly offset: number;
  readonly salt: number;
}

/** Up to where it is done with. */
async function visitPiece(piece: Piece, visitor: FrameVisitor): Promise<number> {
  const { buffer, end, offset, salt } = piece;
  let { at } = piece;
  const slice = new Slice(() => visitor.now());
  for (let pause = at + MOST_IN_SLICE; !visitor.isStopped(); pause = at + MOST_IN_SLICE) {
    while (at < pause && !slice.isOver()) {
      const scanned = scanFrame(buffer, at, end, salt);
      switch (scanned.kind) {
        case 'frame':
          visitor.frame(scanned.frame, scanned.payload);
          break;
        case 'damage':
          if (scanned.lost === undefined && isBlank(buffer, at, scanned.end)) visitor.cutOff(offset + at);
          else visitor.damage(offset + at, scanned.lost);
          break;
        case 'short':
          return at;
        default:
          return scanned satisfies never;
      }
      at = scanned.end;
    }
    await nextTurn();
    slice.begin();
  }
  return at;
}

function isBlank(buffer: Buffer, from: number, end: number): boolean {
  for (let at = from; at < end; at++) if (buffer[at] !== 0) return false;
  return true;
}

/** Everything else that is due comes first. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
