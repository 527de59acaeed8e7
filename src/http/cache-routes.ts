/** What is in the cache, and away with it: the routes below /cache. Names in paths are percent-encoded text. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type DomainName, nameToText } from '../dns/name.js';
import { Type, typeToText } from '../dns/numbers.js';
import type { CacheEntryView, CacheFilter, Inspection } from '../ports/inspection.js';
import {
  parseFlushRequest,
  parseListRequest,
  parseName,
  parseType,
  type QueryParameters,
  refuseParameters,
} from './cache-parameters.js';
import { HttpProblem } from './problem.js';
import { entryDetail, entrySummary } from './views.js';

export function addCacheRoutes(app: FastifyInstance, inspection: Inspection): void {
  // Whoever is told that something is gone may rely on it, whatever happens next.
  app.addHook('preSerialization', async (request, _reply, payload) => {
    if (request.method === 'DELETE') await inspection.flushesKept();
    return payload;
  });
  app.get('/cache', async (request) => listEntries(inspection, queryOf(request)));
  app.delete('/cache', async (request) => ({ removed: inspection.flush(parseFlushRequest(queryOf(request))) }));
  for (const path of ['/cache/:name', '/cache/:name/:type']) {
    app.get(path, async (request) => getEntries(inspection, targetOf(request)));
    app.delete(path, async (request) => ({ removed: flushTarget(inspection, targetOf(request)) }));
  }
}

interface Target {
  readonly name: DomainName;
  readonly type: number | undefined;
}

function targetOf(request: FastifyRequest): Target {
  refuseParameters(queryOf(request));
  const { name, type } = request.params as { name: string; type?: string };
  return { name: parseName('name', name), type: type === undefined ? undefined : parseType('type', type) };
}

function queryOf(request: FastifyRequest): QueryParameters {
  return request.query as QueryParameters;
}

function listEntries(inspection: Inspection, query: QueryParameters): object {
  const { filter, limit } = parseListRequest(query);
  const entries = [];
  let more = false;
  for (const entry of unexpired(inspection, filter)) {
    more = entries.length === limit;
    if (more) break;
    entries.push(entrySummary(entry));
  }
  return { count: entries.length, more, entries };
}

function getEntries(inspection: Inspection, target: Target): object {
  const name = nameToText(target.name);
  const entries = [];
  for (const entry of unexpired(inspection, { name: target.name })) {
    if (speaksFor(entry, target.type)) entries.push(entryDetail(entry));
  }
  if (entries.length === 0) {
    const wanted = target.type === undefined ? name : `${name} ${typeToText(target.type)}`;
    throw new HttpProblem(
      404,
      `${wanted} is not in the cache`,
      'GET /cache?suffix=NAME lists what is at or below a name',
    );
  }
  return { name, entries };
}

/** An expired entry answers nobody, though it lies there until it is swept: shown, it would look as if it were held. */
function* unexpired(inspection: Inspection, filter: CacheFilter): Generator<CacheEntryView> {
  for (const entry of inspection.entries(filter)) if (entry.ttlLeft >= 0) yield entry;
}

/** Whether an entry of the name would be used for a question of that type. */
function speaksFor(entry: CacheEntryView, type: number | undefined): boolean {
  if (type === undefined || entry.type === type) return true;
  if (entry.kind === 'nxdomain') return true;
  return entry.kind === 'delegation' && (type === Type.NS || type === Type.DS);
}

function flushTarget(inspection: Inspection, { name, type }: Target): number {
  if (type === undefined) return inspection.flush({ name });
  // "The name does not exist" answers for every type: whoever flushes one wants the question asked anew.
  return inspection.flush({ name, type }) + inspection.flush({ name, kind: 'nxdomain' });
}
