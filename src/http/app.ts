/**
 * Which requests does the endpoint answer, and what holds for all of them?
 *
 * Four of the CVEs of 2026 against resolvers sat in their HTTP endpoints (bodies, headers and connections without
 * bound), so: no route but one takes a body (dump-routes.ts), header and URL share 8 KiB, every phase has a time limit,
 * browsers get no CORS. Reads are open to loopback. From elsewhere what tells of names people look up or keep to
 * themselves (/cache, /tree, /why, /local) wants the token too.
 */
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Inspection } from '../ports/inspection.js';
import type { Log } from '../ports/log.js';
import { authorise, isLoopback, isTrustedHost, tellsOfNames } from './access.js';
import { addAnchorsRoute } from './anchors-route.js';
import { addCacheRoutes } from './cache-routes.js';
import { addDumpRoutes } from './dump-routes.js';
import { addLocalRoutes } from './local-routes.js';
import { METRICS_CONTENT_TYPE, renderMetrics } from './metrics.js';
import { HttpProblem, problemBody } from './problem.js';
import { addWhyRoutes } from './why-routes.js';

export interface AppParts {
  readonly inspection: Inspection;
  readonly log: Log;
  readonly token: string;
}

const BOUNDS = {
  /** Octets of a body. None is expected. */
  bodyLimit: 1024,
  /** Octets of request line and headers together. */
  maxHeaderSize: 8192,
  /** A name of 255 octets is at most 1 020 characters in presentation form, percent-encoded up to three times that. */
  maxParamLength: 3072,
  /** Milliseconds for a request to arrive in full. */
  requestTimeout: 10_000,
  /** Milliseconds a connection may lie silent, reading or writing. */
  connectionTimeout: 30_000,
  keepAliveTimeout: 5_000,
  maxRequestsPerSocket: 1_000,
} as const;

/** The application, not yet listening. Throws RangeError for an empty token. */
export function createApp(parts: AppParts): FastifyInstance {
  if (parts.token === '') throw new RangeError('the token of the http endpoint must not be empty');
  const { maxHeaderSize, maxParamLength, ...bounds } = BOUNDS;
  const app = Fastify({
    logger: false,
    trustProxy: false,
    forceCloseConnections: true,
    ...bounds,
    http: { maxHeaderSize },
    routerOptions: { maxParamLength },
    frameworkErrors: (error, _request, reply) => answerError(error, reply as FastifyReply, parts.log),
    clientErrorHandler: (error, socket) => socket.writable && socket.end(rawRefusal(error.code)),
  });
  app.removeAllContentTypeParsers();
  app.addHook('onRequest', async (request, reply) => guard(request, reply, parts.token));
  app.setErrorHandler((error, _request, reply) => answerError(error, reply, parts.log));
  app.setNotFoundHandler((request) => {
    throw new HttpProblem(404, `there is no ${request.method} ${pathOf(request)}`, ROUTES_HINT);
  });
  addRoutes(app, parts.inspection);
  return app;
}

const ROUTES_HINT =
  'there are GET /healthz, /stats, /metrics, /anchors, /cache, /cache/{name}, /cache/{name}/{type}, /cache/dump, /cache/what-if, /tree/{name}, /why, /why/{name}, /why/{name}/{type}, /local, DELETE /cache, /cache/{name}, /cache/{name}/{type}, POST /cache/load and GET, PUT, DELETE /local/{name}/{type}';

function addRoutes(app: FastifyInstance, inspection: Inspection): void {
  app.get('/healthz', async () => ({ status: 'ok' }));
  app.get('/stats', async () => inspection.stats());
  app.get('/metrics', async (_request, reply) => {
    reply.type(METRICS_CONTENT_TYPE);
    return renderMetrics(inspection.stats());
  });
  addAnchorsRoute(app, inspection);
  addCacheRoutes(app, inspection);
  addDumpRoutes(app, inspection.cache);
  addWhyRoutes(app, inspection);
  addLocalRoutes(app, inspection);
}

async function guard(request: FastifyRequest, reply: FastifyReply, token: string): Promise<void> {
  reply.headers({
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'cross-origin-resource-policy': 'same-origin',
  });
  if (!isTrustedHost(request.headers.host)) {
    throw new HttpProblem(421, 'the Host header names no address of this machine', 'use its IP address or localhost');
  }
  if (needsToken(request)) demandToken(request, reply, token);
}

function needsToken(request: FastifyRequest): boolean {
  if (request.method !== 'GET' && request.method !== 'HEAD') return true;
  // The route, not what was written: the router takes "/%63ache" for "/cache".
  const route = request.routeOptions.url ?? pathOf(request);
  return tellsOfNames(route) && !isLoopback(request.socket.remoteAddress);
}

function demandToken(request: FastifyRequest, reply: FastifyReply, token: string): void {
  const authorisation = authorise(request.headers.authorization, token);
  if (authorisation === 'granted') return;
  reply.header('www-authenticate', 'Bearer realm="rootwalk"');
  const error = authorisation === 'missing' ? 'this request needs a token' : 'the token is not the right one';
  throw new HttpProblem(
    401,
    error,
    'send "Authorization: Bearer TOKEN"; the token is that of http.token or http.tokenFile in the configuration, else ' +
      'the server left it for its own user in $XDG_RUNTIME_DIR/rootwalk or ~/.local/state/rootwalk',
  );
}

function pathOf(request: FastifyRequest): string {
  return request.url.split('?', 1)[0]!;
}

function answerError(error: unknown, reply: FastifyReply, log: Log): FastifyReply {
  const problem = asProblem(error);
  if (problem.status >= 500) log.error({ err: error }, 'an http request failed');
  return reply.status(problem.status).type('application/json; charset=utf-8').send(problemBody(problem));
}

const BAD_URL_HINT =
  'what is percent-encoded must be UTF-8; other octets of a name are written %5CDDD, three decimal digits';

/** Fastify's own refusals carry a status; anything else is a bug of ours, told to the log and not to the peer. */
function asProblem(error: unknown): HttpProblem {
  if (error instanceof HttpProblem) return error;
  const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500;
  if (error instanceof Error && status >= 400 && status < 500) {
    const isUrl = 'code' in error && error.code === 'FST_ERR_BAD_URL';
    return new HttpProblem(
      status,
      error.message,
      isUrl ? BAD_URL_HINT : 'requests here are plain GET, PUT or DELETE without a body',
    );
  }
  return new HttpProblem(500, 'the request failed inside rootwalk', 'the log of the server says why');
}

/** What a peer gets whose request could not even be parsed: there is no reply object then. */
function rawRefusal(code: string): string {
  const status =
    code === 'HPE_HEADER_OVERFLOW'
      ? '431 Request Header Fields Too Large'
      : code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? '408 Request Timeout'
        : '400 Bad Request';
  const body = JSON.stringify({ error: status.slice(4).toLowerCase(), hint: 'send one plain HTTP/1.1 request' });
  const length = Buffer.byteLength(body);
  return `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\nConnection: close\r\n\r\n${body}`;
}
