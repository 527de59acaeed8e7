/**
 * Why is an answer what it is, and what went wrong lately? The routes below /why.
 *
 * They tell what people look up, so they are guarded as /cache is: loopback, or the token. `?resolve=true` wants no more
 * than that: it sends what a DNS query to this resolver would, on one of the few connections there are, with the budget
 * of one question; and it answers what anybody who may read the cache finds there afterwards.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { isMetaType, Type, typeToText } from '../dns/numbers.js';
import type { Explanation } from '../ports/explanation.js';
import type { Inspection } from '../ports/inspection.js';
import { parseName, parseResolve, parseType, type QueryParameters, refuseParameters } from './cache-parameters.js';
import { HttpProblem } from './problem.js';

export function addWhyRoutes(app: FastifyInstance, inspection: Inspection): void {
  app.get('/why', async (request) => {
    refuseParameters(request.query as QueryParameters);
    return { recorded: inspection.recorded() };
  });
  for (const path of ['/why/:name', '/why/:name/:type']) {
    app.get(path, async (request) => explain(inspection, request));
  }
}

function explain(inspection: Inspection, request: FastifyRequest): Promise<Explanation> {
  const resolve = parseResolve(request.query as QueryParameters);
  const { name, type: typeText } = request.params as { name: string; type?: string };
  const type = typeText === undefined ? Type.A : parseType('type', typeText);
  if (isMetaType(type)) {
    throw new HttpProblem(400, `${typeToText(type)} is no type of record`, 'ask for a type like A or MX');
  }
  return inspection.why(parseName('name', name), type, resolve);
}
