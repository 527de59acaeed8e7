/** How does the endpoint for people and monitoring come up, and with which bounds on what a peer may cost? */
import type { FastifyInstance } from 'fastify';
import { type ServerAddress, serverAddress } from '../dns/address.js';
import type { Inspection } from '../ports/inspection.js';
import type { Log } from '../ports/log.js';
import { isLoopback } from './access.js';
import { createApp } from './app.js';

export interface HttpOptions {
  /** Port 0 takes any free one. */
  readonly listen: ServerAddress;
  readonly inspection: Inspection;
  readonly log: Log;
  /** What a PUT or DELETE, and a reader from another machine, must present. Never empty. */
  readonly token: string;
  /** Connections at a time; further ones are closed on arrival. */
  readonly maxConnections: number;
}

export interface HttpEndpoint {
  /** Where it listens, with the port it was given. */
  readonly address: ServerAddress;
  /** Stops listening and drops the connections that are left. */
  close(): Promise<void>;
}

/** Starts listening. Rejects with the system's error (EADDRINUSE, EACCES ...), and for an empty token. */
export async function startHttp(options: HttpOptions): Promise<HttpEndpoint> {
  const app = createApp(options);
  app.server.maxConnections = options.maxConnections;
  await app.listen({ host: options.listen.address, port: options.listen.port }).catch(async (error: unknown) => {
    await app.close();
    throw error;
  });
  const address = serverAddress(options.listen.address, boundPort(app));
  options.log.info({ http: address.key }, 'http endpoint is listening');
  if (!isLoopback(address.address)) {
    options.log.warn(
      { http: address.key },
      'the http endpoint is open to other machines: /stats and /metrics to anyone there, the cache with the token',
    );
  }
  return { address, close: () => app.close() };
}

function boundPort(app: FastifyInstance): number {
  const address = app.server.address();
  if (address === null || typeof address === 'string') throw new Error('the http endpoint is not listening');
  return address.port;
}
