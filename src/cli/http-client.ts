/** How do commands reach a running server? Over its HTTP endpoint; whatever stands in the way is told with a way out. */
import type { HttpConfig } from '../config/config.js';
import { type ServerAddress, serverAddress } from '../dns/address.js';
import { isLoopback, tellsOfNames } from '../http/access.js';
import type { ProblemBody } from '../http/problem.js';
import { findToken, TokenError } from '../http/token.js';
import { addressArgument } from './arguments.js';
import { CommandError } from './exit.js';

/** Options of every command that talks to a running server. */
export interface ServerOptions {
  readonly http?: string;
  readonly config?: string;
  readonly tokenFile?: string;
}

/** The port of http.listen unless configured. */
const DEFAULT_PORT = 8053;
/** Milliseconds for one answer; a listing of a large cache takes its time. */
const TIMEOUT = 30_000;
/** Octets of an answer: 10 000 entries are some 5 MB. Something else may listen there. */
const MAX_ANSWER = 64 * 1024 * 1024;

export type Fetched<T> =
  | { readonly kind: 'ok'; readonly body: T }
  | { readonly kind: 'absent'; readonly problem: ProblemBody };

export class HttpClient {
  readonly #address: ServerAddress;
  readonly #token: () => Promise<string | undefined>;

  /** `token` is asked for only when a request needs one. */
  constructor(address: ServerAddress, token: () => Promise<string | undefined>) {
    this.#address = address;
    this.#token = token;
  }

  /** "127.0.0.1:8053" */
  get where(): string {
    return this.#address.key;
  }

  /**
   * The JSON at `path`; `absent` for 404. Throws CommandError for everything else, also for an answer without
   * `member`: then somebody else answers there.
   */
  get<T>(path: string, member: keyof T & string): Promise<Fetched<T>> {
    return this.#request<T>('GET', path, member, tellsOfNames(path) && !isLoopback(this.#address.address));
  }

  delete<T>(path: string, member: keyof T & string): Promise<Fetched<T>> {
    return this.#request<T>('DELETE', path, member, true);
  }

  put<T>(path: string, member: keyof T & string): Promise<Fetched<T>> {
    return this.#request<T>('PUT', path, member, true);
  }

  /** With a body. */
  post<T>(path: string, content: string, contentType: string, member: keyof T & string): Promise<Fetched<T>> {
    return this.#request<T>('POST', path, member, true, { content, contentType });
  }

  /**
   * What is at `path`, piece by piece, however long it is. Throws CommandError as get, and while reading when the answer
   * breaks off or the server is silent for too long.
   */
  async stream(path: string): Promise<AsyncIterable<Uint8Array>> {
    const token = isLoopback(this.#address.address) ? undefined : await this.#tokenOrEnd();
    const silence = new Silence(TIMEOUT);
    const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const response = await this.#sent(path, { headers, redirect: 'error', signal: silence.signal }).catch((error) => {
      silence.end();
      throw error;
    });
    if (response.status === 200 && response.body !== null) return this.#pieces(response.body, silence);
    const text = await readCapped(response)
      .catch((error: unknown) => {
        throw this.#unreachable(error);
      })
      .finally(() => silence.end());
    const { error, hint } = this.#problemIn(text);
    throw response.status === 401 ? this.#unauthorised(token) : this.#saying(error, hint);
  }

  async *#pieces(body: AsyncIterable<Uint8Array>, silence: Silence): AsyncGenerator<Uint8Array> {
    try {
      for await (const piece of body) {
        // Whoever takes the pieces may take his time: that is no silence of the server.
        silence.end();
        yield piece;
        silence.begin();
      }
    } catch (error) {
      throw this.#unreachable(error);
    } finally {
      silence.end();
    }
  }

  #problemIn(text: string): ProblemBody {
    const body = this.#parsed(text);
    if (isProblem(body)) return body;
    throw this.#stranger();
  }

  #saying(error: string, hint: string): CommandError {
    return new CommandError(`the server at ${this.where} says: ${error}`, hint);
  }

  async #request<T>(
    method: string,
    path: string,
    member: string,
    withToken: boolean,
    sent?: { readonly content: string; readonly contentType: string },
  ): Promise<Fetched<T>> {
    const token = withToken ? await this.#tokenOrEnd() : undefined;
    const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
    if (sent !== undefined) headers['content-type'] = sent.contentType;
    const { status, text } = await this.#exchange(method, path, headers, sent?.content);
    const body = this.#parsed(text);
    if (status === 200 && typeof body === 'object' && body !== null && member in body) {
      return { kind: 'ok', body: body as T };
    }
    if (status === 200 || !isProblem(body)) throw this.#stranger();
    if (status === 404) return { kind: 'absent', problem: body };
    if (status === 401) throw this.#unauthorised(token);
    throw this.#saying(body.error, body.hint);
  }

  async #tokenOrEnd(): Promise<string | undefined> {
    try {
      return await this.#token();
    } catch (error) {
      if (error instanceof TokenError) throw new CommandError(error.message, TOKEN_HINT);
      throw error;
    }
  }

  async #exchange(
    method: string,
    path: string,
    headers: Record<string, string>,
    body: string | undefined,
  ): Promise<{ status: number; text: string }> {
    const signal = AbortSignal.timeout(TIMEOUT);
    const response = await this.#sent(path, { method, headers, body: body ?? null, redirect: 'error', signal });
    try {
      return { status: response.status, text: await readCapped(response) };
    } catch (error) {
      throw this.#unreachable(error);
    }
  }

  async #sent(path: string, request: RequestInit): Promise<Response> {
    try {
      return await fetch(`http://${this.where}${path}`, request);
    } catch (error) {
      throw this.#unreachable(error);
    }
  }

  #parsed(text: string): unknown {
    try {
      return JSON.parse(text);
    } catch {
      throw this.#stranger();
    }
  }

  #stranger(): CommandError {
    return new CommandError(`what answers at ${this.where} is not rootwalk`, ELSEWHERE_HINT);
  }

  #unauthorised(token: string | undefined): CommandError {
    return token === undefined
      ? new CommandError(`the server at ${this.where} wants a token and none was found`, TOKEN_HINT)
      : new CommandError(`the server at ${this.where} refuses the token`, TOKEN_HINT);
  }

  #unreachable(error: unknown): CommandError {
    const code = codeOf(error);
    if (code === 'ECONNREFUSED') {
      return new CommandError(
        `nothing listens at ${this.where}: no server is running there, or its http endpoint is off`,
        `start one with "rootwalk serve", set http.listen in its configuration, or ${ELSEWHERE_HINT}`,
      );
    }
    return new CommandError(`the server at ${this.where} cannot be asked: ${code}`, ELSEWHERE_HINT);
  }
}

/** Aborts when nothing was heard for a while. */
class Silence {
  readonly #controller = new AbortController();
  #timer: NodeJS.Timeout | undefined;

  /** @param longest milliseconds */
  constructor(readonly longest: number) {
    this.begin();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  begin(): void {
    this.#timer = setTimeout(() => this.#controller.abort(new DOMException('silent', 'TimeoutError')), this.longest);
  }

  end(): void {
    clearTimeout(this.#timer);
  }
}

const ELSEWHERE_HINT = 'name the right place with --http ADDRESS:PORT or --config FILE';

const TOKEN_HINT =
  'run this as the user the server runs as, or give --config FILE with its http.token, or --token-file FILE; ' +
  'a token made at start is in $XDG_RUNTIME_DIR/rootwalk or ~/.local/state/rootwalk of that user';

/** The client for these options. Throws CommandError when the configuration has no endpoint. */
export async function httpClient(options: ServerOptions): Promise<HttpClient> {
  const configured = await configuredEndpoint(options);
  const listens =
    options.http === undefined
      ? (configured?.listen ?? serverAddress('127.0.0.1', DEFAULT_PORT))
      : addressArgument(options.http, DEFAULT_PORT, '--http');
  const settings = options.tokenFile === undefined ? { token: configured?.token } : { tokenFile: options.tokenFile };
  return new HttpClient(reachable(listens), () => findToken(settings, listens));
}

async function configuredEndpoint({ config: file, http }: ServerOptions): Promise<HttpConfig | undefined> {
  if (file === undefined) return undefined;
  // Loaded only now: reading configurations takes longer to load than everything else here.
  const { configOrEnd } = await import('./config-file.js');
  const config = configOrEnd(file);
  if (config.http !== false) return config.http;
  if (http !== undefined) return undefined;
  throw new CommandError(
    `the http endpoint is off in ${file}`,
    'set http: { listen: "127.0.0.1:8053" } there and restart the server',
  );
}

/** A server that listens on all addresses is asked on loopback. */
function reachable(address: ServerAddress): ServerAddress {
  if (address.address === '0.0.0.0') return serverAddress('127.0.0.1', address.port);
  if (address.address === '::') return serverAddress('::1', address.port);
  return address;
}

async function readCapped(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let octets = 0;
  for await (const chunk of response.body ?? []) {
    octets += chunk.length;
    if (octets > MAX_ANSWER) throw new Error('its answer has no end');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function isProblem(body: unknown): body is ProblemBody {
  const { error, hint } = (body ?? {}) as { error?: unknown; hint?: unknown };
  return typeof error === 'string' && typeof hint === 'string';
}

/** The system's code where there is one: fetch wraps it, once for each address it tried. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return 'no answer in time';
  if ('code' in error && typeof error.code === 'string') return error.code;
  return error.cause instanceof Error ? codeOf(error.cause) : error.message;
}
