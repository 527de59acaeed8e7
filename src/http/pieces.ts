/** How is a long answer sent? Piece by piece as the peer takes it, others having their turn between. */
import { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import type { FastifyReply } from 'fastify';

/** Nothing may go wrong while pieces are made: the peer has its status by then, and sees the connection end early. */
export function sendInPieces(
  reply: FastifyReply,
  contentType: string,
  pieces: () => Iterable<string> | AsyncIterable<string>,
): FastifyReply {
  return reply.type(contentType).send(Readable.from(inTurns(pieces()), { objectMode: false }));
}

async function* inTurns(pieces: Iterable<string> | AsyncIterable<string>): AsyncGenerator<Buffer> {
  for await (const piece of pieces) {
    yield Buffer.from(piece);
    await setImmediate();
  }
}
