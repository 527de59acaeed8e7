/**
 * The cache out and in as a whole: GET /cache/dump and POST /cache/load.
 *
 * Loading is the one route with a body. It wants the token, always: what is loaded answers clients, also as secure, so
 * whoever may load may forge. The body is read line by line, with a bound on a line and on all of it, and never kept;
 * what the other routes are spared by refusing bodies (app.ts) holds here by these bounds.
 */
import { setImmediate } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import type { CacheInspection, EntryContent, Loading } from '../ports/cache-inspection.js';
import { type DumpFormat, parseDumpRequest, refuseParameters } from './cache-parameters.js';
import { queryOf } from './cache-routes.js';
import { dumpHead, dumpLine } from './dump-lines.js';
import { zoneHead, zoneLines } from './dump-zone.js';
import { LineTooLong, linesOf } from './line-splitter.js';
import { LineError, MAX_LINE, readDumpHead, readDumpLine } from './load-lines.js';
import { sendInPieces } from './pieces.js';
import { HttpProblem } from './problem.js';

/** Octets of one load; a longer dump comes in parts, each with the first line. A request has 10 s to arrive (app.ts). */
const MAX_BODY = 64 * 1024 * 1024;
/** Lines read between two turns for others: about 2 ms of work. */
const LINES_A_TURN = 32;
/** Mistakes told; the rest are counted. */
const MAX_PROBLEMS = 20;

export interface LoadOutcome {
  readonly loaded: number;
  /** Left out: what stands in the cache already was kept, or there was no room. */
  readonly known: number;
  readonly expired: number;
  readonly refused: number;
  /** Lines from 1, the first line counted; at most 20. */
  readonly problems: readonly { readonly line: number; readonly error: string }[];
}

export function addDumpRoutes(app: FastifyInstance, cache: CacheInspection): void {
  app.get('/cache/dump', async (request, reply) => {
    const { filter, format } = parseDumpRequest(queryOf(request));
    return sendInPieces(reply, CONTENT_TYPES[format], async function* () {
      const wall = cache.wall();
      yield format === 'zone' ? zoneHead(wall) : dumpHead(wall);
      for await (const contents of cache.contents(filter)) yield textOf(contents, format, cache.wall());
    });
  });
  // In a scope of its own: only here is a body taken, of whatever type it says it is.
  app.register(async (scope) => {
    scope.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
    scope.post('/cache/load', { bodyLimit: MAX_BODY }, async (request) => {
      refuseParameters(queryOf(request));
      const body = request.body as AsyncIterable<Uint8Array> | null | undefined;
      if (body === null || body === undefined) throw refusal(400, 'there is nothing to load: the body is empty');
      return loadFrom(bounded(body), cache);
    });
  });
}

const CONTENT_TYPES: Readonly<Record<DumpFormat, string>> = {
  jsonl: 'application/x-ndjson',
  zone: 'text/plain; charset=utf-8',
};

function textOf(contents: readonly EntryContent[], format: DumpFormat, wall: number): string {
  return contents.map((content) => (format === 'zone' ? zoneLines(content, wall) : dumpLine(content))).join('');
}

async function* bounded(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let octets = 0;
  for await (const chunk of arriving(body)) {
    octets += chunk.length;
    if (octets > MAX_BODY)
      throw refusal(413, `one request loads at most ${MAX_BODY} octets; what came before is loaded`);
    yield chunk;
  }
}

/** A client that hangs up, or is cut off for being slow, is no fault of ours for the log. */
async function* arriving(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch {
    throw refusal(400, 'the body broke off; what came before is loaded');
  }
}

async function loadFrom(body: AsyncIterable<Uint8Array>, cache: CacheInspection): Promise<LoadOutcome> {
  const tally = new Tally();
  let line = 0;
  try {
    for await (const text of linesOf(body, MAX_LINE)) {
      line++;
      if (line === 1) readDumpHead(text);
      else if (text !== '') tally.add(line, load(text, cache));
      if (line % LINES_A_TURN === 0) await setImmediate();
    }
  } catch (error) {
    if (error instanceof LineError) throw refusal(400, `line ${line}: ${error.message}`);
    if (error instanceof LineTooLong) throw refusal(400, `line ${line + 1}: ${error.message}`);
    throw error;
  }
  if (line === 0) throw refusal(400, 'there is nothing to load: the body is empty');
  return tally.outcome();
}

function load(text: string, cache: CacheInspection): Loading {
  try {
    return cache.load(readDumpLine(text));
  } catch (error) {
    if (error instanceof LineError) return { kind: 'refused', because: error.message };
    throw error;
  }
}

class Tally {
  readonly #counts: Record<Loading['kind'], number> = { loaded: 0, known: 0, expired: 0, refused: 0 };
  readonly #problems: { line: number; error: string }[] = [];

  add(line: number, loading: Loading): void {
    this.#counts[loading.kind]++;
    if (loading.kind !== 'refused' || this.#problems.length === MAX_PROBLEMS) return;
    this.#problems.push({ line, error: loading.because });
  }

  outcome(): LoadOutcome {
    return { ...this.#counts, problems: this.#problems };
  }
}

function refusal(status: number, message: string): HttpProblem {
  return new HttpProblem(
    status,
    message,
    'send what GET /cache/dump gave, its first line included; "rootwalk cache load FILE" sends a file of any length',
  );
}
