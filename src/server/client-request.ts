/** What do the listeners hand on, and what do they get back? Octets both ways; nothing behind this knows of sockets. */

export interface ClientRequest {
  /** One message without TCP's length. Kept until the reply is made: it must not be overwritten. */
  readonly octets: Uint8Array;
  readonly transport: 'udp' | 'tcp';
  /** The client's address as text. */
  readonly address: string;
  /** The client's port; 0 is forged, nothing can be sent there. */
  readonly port: number;
  /** Clock.now() when it was read; unless given it was read just now. */
  readonly arrived?: number;
}

/** The reply's octets, without TCP's length; undefined: stay silent. */
export type Reply = Buffer | undefined;

/** Where a reply goes that had to be waited for. Called once, with nothing when there is none to be sent. */
export type Later = (reply: Reply) => void;

/** Never throws. 'later': the reply comes through `later`, once this has returned; it is not called otherwise. */
export type RequestHandler = (request: ClientRequest, later: Later) => Reply | 'later';
