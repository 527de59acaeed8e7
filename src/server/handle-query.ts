/**
 * What becomes of one request? Octets in, octets out or silence, whatever the transport: the life of a query from
 * the client's side, in the order of its steps.
 *
 * HOT up to the first question that must wait: what the cache knows is answered without a promise.
 */
import { ExtendedErrorCode } from '../dns/extended-error.js';
import type { Header, Message, Question } from '../dns/message.js';
import { nameToText } from '../dns/name.js';
import { Rcode, rcodeToText, Type, typeToText } from '../dns/numbers.js';
import type { Octets } from '../dns/octets.js';
import type { Resolution } from '../dns/resolution.js';
import { type Continuation, resumedBy } from '../ports/continuation.js';
import type { ResolveOptions, Resolving } from '../ports/resolver.js';
import { decodeMessage } from '../wire/decode-message.js';
import { peekHeader, questionSpelling } from '../wire/peek.js';
import { WireError } from '../wire/wire-error.js';
import { headerError, refusalOf } from './admit.js';
import { knownAny, resolveAny } from './any-query.js';
import type { ClientRequest, Later, Reply } from './client-request.js';
import type { Edge } from './edge.js';
import { fitReply, replyLimit } from './fit.js';
import { GivenUp } from './given-up.js';
import type { Waiting } from './in-flight.js';
import { answerNotify } from './notify.js';
import type { ReadyKeeper } from './ready-answers.js';
import { type BareRcode, bareReply, refusal, respond } from './respond.js';

/** A request that was understood. */
interface Query {
  readonly request: ClientRequest;
  readonly header: Header;
  readonly message: Message;
  readonly question: Question;
  readonly spelling: Octets | undefined;
  readonly options: ResolveOptions;
  /** Clock.now() when it came. */
  readonly arrived: number;
  readonly ready: ReadyKeeper;
}

/** Answers one message; what lies `ready` for whom it came through is looked at first. See RequestHandler. */
export function handleQuery(
  request: ClientRequest,
  edge: Edge,
  later: Later,
  ready: ReadyKeeper = edge.ready,
): Reply | 'later' {
  const arrived = request.arrived ?? edge.clock.now();
  edge.stats.received(request.transport);
  const found = readyReply(request, ready, edge, arrived);
  if (found !== undefined) return found;
  const header = peekHeader(request.octets);
  // A response is never answered, or two servers would talk for ever; and nothing can be sent to port 0.
  if (header === undefined || header.qr || request.port === 0) return silence(edge);
  try {
    const wrong = headerError(header);
    if (wrong !== undefined) {
      const reply = wrong === Rcode.NOTIMP ? answerNotify(request, header, edge) : undefined;
      return reply ?? sendBare(header, wrong, request, edge);
    }
    const query = understand(request, header, arrived, ready, edge);
    if (query === undefined) return sendBare(header, Rcode.FORMERR, request, edge);
    const refused = refusalOf(query.message, request.address, edge.access);
    if (refused !== undefined) return send(query, refused, undefined, edge);
    const begun = lookUp(query, edge);
    if (!header.rd) return sendWithoutRecursion(query, typeof begun === 'function' ? undefined : begun, edge);
    return typeof begun === 'function' ? afterResolving(query, begun, edge, later) : sendKnown(query, begun, edge);
  } catch (error) {
    return afterBug(error, header, request, edge);
  }
}

/** What lies ready for the query. The log of queries is written on the long way. */
function readyReply(request: ClientRequest, ready: ReadyKeeper, edge: Edge, arrived: number): Reply {
  const { octets, transport, address, port } = request;
  if (edge.settings.logQueries || port === 0) return undefined;
  const length = ready.find(octets, octets.length, transport, address, edge.access, edge.clock.now());
  if (length === 0) return undefined;
  const reply = Buffer.allocUnsafe(length);
  ready.write(octets, reply);
  const now = edge.clock.now();
  edge.stats.readyTook(now - arrived, 1, now);
  return reply;
}

/** The same for the first `length` octets of a datagram, written into `into`: octets written, 0 when nothing lies ready. */
export function readyOverUdp(
  query: Buffer,
  length: number,
  address: string,
  now: number,
  into: Buffer,
  edge: Edge,
): number {
  if (edge.settings.logQueries) return 0;
  const octets = edge.ready.find(query, length, 'udp', address, edge.access, now);
  if (octets === 0) return 0;
  edge.stats.received('udp');
  edge.ready.write(query, into);
  return octets;
}

/** Undefined when the octets are no DNS message: FORMERR (RFC 1035 §4.1.1). */
function understand(
  request: ClientRequest,
  header: Header,
  arrived: number,
  ready: ReadyKeeper,
  edge: Edge,
): Query | undefined {
  try {
    const message = decodeMessage(request.octets);
    const question = message.questions[0];
    if (question === undefined) return undefined;
    const looksOnly = !header.rd && !edge.access.maySnoop(request.address);
    const uncounted = ready.takeHits(request.octets);
    const options: ResolveOptions = { checkingDisabled: message.cd, trace: undefined, looksOnly, uncounted };
    return { request, header, message, question, spelling: questionSpelling(request.octets), options, arrived, ready };
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
}

function lookUp({ question, options }: Query, { resolver }: Edge): Resolution | Resolving {
  return question.type === Type.ANY
    ? (knownAny(question, resolver, options) ??
        ((waiting) => resumedBy(resolveAny(question, resolver, options), waiting)))
    : resolver.begin(question, options);
}

/**
 * RD=0: never more than is known. Local zones are for everyone; the cache tells what others asked, so it is for
 * access.snoop alone. Nothing known is an empty answer, which is what RFC 1034 §4.3.2 comes to in a server without
 * zones and which, having no SOA, nobody takes for NODATA for long (RFC 2308 §5). The delegation that Unbound and BIND
 * would add is a hint for other resolvers; those have no business here.
 */
function sendWithoutRecursion(query: Query, known: Resolution | undefined, edge: Edge): Reply {
  if (known?.source === 'local') return send(query, known, known.source, edge);
  if (!edge.access.maySnoop(query.request.address)) {
    const text = 'queries without RD are not answered for your address (access.snoop)';
    return send(query, refusal(Rcode.REFUSED, [{ code: ExtendedErrorCode.PROHIBITED, text }]), undefined, edge);
  }
  if (known !== undefined) return send(query, known, known.source, edge);
  const text = 'not in the cache, and recursion was not asked for (RD=0)';
  return send(query, refusal(Rcode.NOERROR, [{ code: ExtendedErrorCode.OTHER, text }]), undefined, edge);
}

function afterResolving(query: Query, resolving: Resolving, edge: Edge, later: Later): Reply | 'later' {
  const place = waitingOf(query);
  const admission = edge.inFlight.enter(place, edge.settings.limits);
  if (admission !== 'admitted') return afterNoRoom(query, admission, edge);
  return new WaitingQuery(query, place, edge, later).begin(resolving);
}

/** HOT. A query whose answer has to be waited for, until it is there or the server gives up on it. */
class WaitingQuery extends GivenUp implements Continuation<Resolution> {
  #hasBegun = false;
  #hasEnded = false;
  #reply: Reply;

  constructor(
    private readonly query: Query,
    private readonly place: Waiting,
    private readonly edge: Edge,
    private readonly later: Later,
  ) {
    super();
    edge.stats.started();
    edge.waiting.enter(this);
  }

  /** The reply when it is there at once. */
  begin(resolving: Resolving): Reply | 'later' {
    try {
      resolving(this);
    } catch (error) {
      this.fail(error);
    }
    this.#hasBegun = true;
    return this.#hasEnded ? this.#reply : 'later';
  }

  resume(resolution: Resolution): void {
    if (!this.#hasEnded) this.#end(this.#replyWith(resolution));
  }

  fail(error: unknown): void {
    const { query, edge } = this;
    if (!this.#hasEnded) this.#end(afterBug(error, query.header, query.request, edge));
  }

  giveUp(): void {
    this.resume(STOPPING);
  }

  #end(reply: Reply): void {
    this.#hasEnded = true;
    this.leave();
    this.edge.inFlight.leave(this.place);
    this.edge.stats.stopped();
    if (this.#hasBegun) this.later(reply);
    else this.#reply = reply;
  }

  #replyWith(resolution: Resolution): Reply {
    const { query, edge } = this;
    const { request } = query;
    try {
      const age = edge.clock.now() - query.arrived;
      const isLate = request.transport === 'udp' && edge.inFlight.isLate(request.address, age, edge.settings.limits);
      return isLate ? silence(edge) : send(query, resolution, resolution.source, edge);
    } catch (error) {
      return afterBug(error, query.header, request, edge);
    }
  }
}

/** A client that is told asks another server, or this one once it is back; one that is not waits for seconds. */
const STOPPING: Resolution = refusal(Rcode.SERVFAIL, [
  { code: ExtendedErrorCode.NOT_READY, text: 'this resolver is stopping: ask again' },
]);

function waitingOf({ request, message, question }: Query): Waiting {
  const { address, port, transport } = request;
  if (transport === 'tcp') return { address, copyKey: undefined };
  const { id } = message;
  const { type, name } = question;
  const numbers = String.fromCharCode(port >>> 8, port & 0xff, id >>> 8, id & 0xff, type >>> 8, type & 0xff);
  return { address, copyKey: `${numbers}${address} ${name}` };
}

/**
 * A UDP client over its share is left waiting: its address may be forged, and then every reply hits a victim. Others
 * learn at once that this resolver is full, and may ask another.
 */
function afterNoRoom(query: Query, why: 'duplicate' | 'client-full' | 'full', edge: Edge): Reply {
  if (why === 'duplicate' || (why === 'client-full' && query.request.transport === 'udp')) return silence(edge);
  const text =
    why === 'full'
      ? 'too many questions are being resolved (limits.inFlight)'
      : 'too many of your questions are being resolved (limits.perClientInFlight)';
  return send(query, refusal(Rcode.SERVFAIL, [{ code: ExtendedErrorCode.OTHER, text }]), undefined, edge);
}

function sendKnown(query: Query, known: Resolution, edge: Edge): Reply {
  const reply = send(query, known, known.source, edge);
  if (reply !== undefined) query.ready.offer(query.request.octets, known, reply, edge.settings.ednsBufferSize);
  return reply;
}

/** `source`: of the resolution when it was looked up, undefined when the edge made it. */
function send(query: Query, resolution: Resolution, source: Resolution['source'] | undefined, edge: Edge): Reply {
  if (resolution.silent === true) return silence(edge);
  const { request, message, question } = query;
  const { ednsBufferSize, limits, logQueries } = edge.settings;
  const { transport } = request;
  const terms = { transport, ednsBufferSize, tcpIdle: limits.tcpIdle, random: edge.random };
  const limit = replyLimit(message, request, ednsBufferSize);
  const reply = fitReply(respond(message, resolution, terms), limit, query.spelling);
  const now = edge.clock.now();
  const ms = now - query.arrived;
  edge.stats.answered({ type: question.type, rcode: resolution.rcode, source, ms, now });
  if (logQueries) logQuery(query, resolution, ms, edge);
  return reply;
}

function logQuery({ request, question }: Query, resolution: Resolution, ms: number, edge: Edge): void {
  const fields = {
    client: request.address,
    transport: request.transport,
    name: nameToText(question.name),
    type: typeToText(question.type),
    rcode: rcodeToText(resolution.rcode),
    source: resolution.source,
    security: resolution.security.kind,
    ms,
  };
  edge.log.info(fields, 'query');
}

function sendBare(header: Header, rcode: BareRcode, request: ClientRequest, edge: Edge): Reply {
  edge.stats.answered({ type: undefined, rcode, source: undefined, ms: 0, now: 0 });
  if (edge.settings.logQueries) {
    edge.log.info({ client: request.address, transport: request.transport, rcode: rcodeToText(rcode) }, 'query');
  }
  return bareReply(header, rcode);
}

/** Enough of a message to reproduce a mistake: header, question, OPT. */
const LOGGED_OCTETS = 512;

/** Whatever is thrown at this point is a mistake of ours: the client is told, and so is the log, once. */
function afterBug(error: unknown, header: Header, request: ClientRequest, edge: Edge): Reply {
  const octets = Buffer.from(request.octets.subarray(0, LOGGED_OCTETS)).toString('hex');
  edge.log.error({ err: error, client: request.address, octets }, 'a query could not be answered: please report this');
  return sendBare(header, Rcode.SERVFAIL, request, edge);
}

function silence(edge: Edge): undefined {
  edge.stats.dropped();
  return undefined;
}
