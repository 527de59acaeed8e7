/** A DNS client over TCP as tests want it: writes what it is told, octet by octet if need be, and waits for messages. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { ServerAddress } from '../../src/dns/address.js';
import type { Message } from '../../src/dns/message.js';
import { framed, MessageFraming } from '../../src/server/tcp-framing.js';
import { decodeMessage } from '../../src/wire/decode-message.js';

export class TcpClient {
  readonly #framing = new MessageFraming();
  readonly #messages: Message[] = [];
  #notify: () => void = () => {};
  /** Whether the server closed its side in order (FIN, not a reset). */
  ended = false;
  closed = false;

  private constructor(readonly socket: Socket) {
    socket.on('data', (chunk) => {
      this.#framing.push(chunk);
      for (let next = this.#framing.next(); next !== undefined; next = this.#framing.next()) {
        this.#messages.push(decodeMessage(next));
      }
      this.#notify();
    });
    socket.on('error', () => {});
    socket.on('end', () => {
      this.ended = true;
    });
    socket.on('close', () => {
      this.closed = true;
      this.#notify();
    });
  }

  /** `stubborn`: does not close its side when the server has closed its own. */
  static async to({ address, port }: ServerAddress, { stubborn = false } = {}): Promise<TcpClient> {
    const socket = connect({ host: address, port, allowHalfOpen: stubborn, noDelay: true });
    const client = new TcpClient(socket);
    await once(socket, 'connect');
    return client;
  }

  /** Sends messages in one write, each with its length. */
  send(...messages: readonly Uint8Array[]): void {
    this.socket.write(Buffer.concat(messages.map(framed)));
  }

  /** The next `count` messages; fewer when the connection closes before. */
  async messages(count: number): Promise<Message[]> {
    while (this.#messages.length < count && !this.closed) {
      await new Promise<void>((resolve) => {
        this.#notify = resolve;
      });
    }
    return this.#messages.splice(0, count);
  }

  /** Until the connection is closed on both sides. */
  async whenClosed(): Promise<void> {
    this.socket.resume();
    if (!this.closed) await once(this.socket, 'close');
  }

  /** Until the server has closed its side. */
  async whenEnded(): Promise<void> {
    if (!this.ended) await once(this.socket, 'end');
  }

  destroy(): void {
    this.socket.destroy();
  }
}
