/** What is in the cache, and away with it: the routes below /cache. Names in paths are percent-encoded text. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type DomainName, nameToText } from '../dns/name.js';
import { Type, typeToText } from '../dns/numbers.js';
import type { CacheInspection } from '../ports/cache-inspection.js';
import type { CacheEntryView, CacheFilter, Inspection } from '../ports/inspection.js';
import {
  MAX_LIMIT,
  parseDryRun,
  parseFlushRequest,
  parseListRequest,
  parseName,
  parseType,
  type QueryParameters,
  refuseParameters,
} from './cache-parameters.js';
import { sendInPieces } from './pieces.js';
import { HttpProblem } from './problem.js';
import { treeBody } from './tree-view.js';
import { entryDetail, entrySummary } from './views.js';

export function addCacheRoutes(app: FastifyInstance, inspection: Inspection): void {
  // Whoever is told that something is gone may rely on it, whatever happens next.
  app.addHook('preSerialization', async (request, _reply, payload) => {
    if (request.method === 'DELETE') await inspection.flushesKept();
    return payload;
  });
  const { cache } = inspection;
  app.get('/cache', async (request, reply) => listEntries(cache, queryOf(request), reply));
  app.delete('/cache', async (request) => {
    const { filter, dryRun } = parseFlushRequest(queryOf(request));
    return flush(inspection, filter, dryRun);
  });
  // An entry of the name "what-if." is at /cache/what-if. with its final dot.
  app.get('/cache/what-if', async (request) => {
    refuseParameters(queryOf(request));
    return inspection.whatIf();
  });
  for (const path of ['/cache/:name', '/cache/:name/:type']) {
    app.get(path, async (request) => {
      refuseParameters(queryOf(request));
      return getEntries(cache, targetOf(request));
    });
    app.delete(path, async (request) => {
      const dryRun = parseDryRun(queryOf(request));
      const { name, type } = targetOf(request);
      return flush(inspection, { name, ...(type === undefined ? {} : { type }) }, dryRun);
    });
  }
  app.get('/tree/:name', async (request) => {
    refuseParameters(queryOf(request));
    return treeBody(await cache.tree(targetOf(request).name));
  });
}

interface Target {
  readonly name: DomainName;
  readonly type: number | undefined;
}

function targetOf(request: FastifyRequest): Target {
  const { name, type } = request.params as { name: string; type?: string };
  return { name: parseName('name', name), type: type === undefined ? undefined : parseType('type', type) };
}

export function queryOf(request: FastifyRequest): QueryParameters {
  return request.query as QueryParameters;
}

/** Entries written between two turns for others: some 100 µs of work each ten. */
const ENTRIES_A_PIECE = 50;

async function listEntries(cache: CacheInspection, query: QueryParameters, reply: FastifyReply): Promise<FastifyReply> {
  const { entries, more } = await cache.list(parseListRequest(query));
  const head = `{"count":${entries.length},"more":${more},"entries":[`;
  return sendInPieces(reply, 'application/json; charset=utf-8', function* () {
    yield head;
    for (let at = 0; at < entries.length; at += ENTRIES_A_PIECE) {
      const texts = entries.slice(at, at + ENTRIES_A_PIECE).map((entry) => JSON.stringify(entrySummary(entry)));
      yield (at === 0 ? '' : ',') + texts.join(',');
    }
    yield ']}';
  });
}

async function getEntries(cache: CacheInspection, target: Target): Promise<object> {
  const name = nameToText(target.name);
  const request = { filter: { name: target.name }, sort: undefined, reverse: false, limit: MAX_LIMIT };
  const { entries } = await cache.list(request);
  const speaking = entries.filter((entry) => speaksFor(entry, target.type));
  if (speaking.length === 0) {
    const wanted = target.type === undefined ? name : `${name} ${typeToText(target.type)}`;
    throw new HttpProblem(
      404,
      `${wanted} is not in the cache`,
      'GET /cache?suffix=NAME lists what is at or below a name',
    );
  }
  return { name, entries: speaking.map(entryDetail) };
}

/** Whether an entry of the name would be used for a question of that type. */
function speaksFor(entry: CacheEntryView, type: number | undefined): boolean {
  if (type === undefined || entry.type === type) return true;
  if (entry.kind === 'nxdomain') return true;
  return entry.kind === 'delegation' && (type === Type.NS || type === Type.DS);
}

/** What DELETE /cache says. */
export interface FlushBody {
  readonly removed: number;
  /** In a dry run. */
  readonly wouldRemove?: number;
  /** The shared cache could not be told: it, and other instances, will be when it is back. */
  readonly untold?: 'shared cache';
}

async function flush(inspection: Inspection, filter: CacheFilter, dryRun: boolean): Promise<FlushBody> {
  const count = await inspection.cache.flush(filter, dryRun);
  if (dryRun) return { removed: 0, wouldRemove: count };
  const circuit = inspection.stats().shared?.circuit ?? 'closed';
  return circuit === 'closed' ? { removed: count } : { removed: count, untold: 'shared cache' };
}
