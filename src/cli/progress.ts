/** How far is work that takes its time? Told to people on standard error, in one line that is written over. */
import type { Terminal } from './terminal.js';

/** Things done between two tellings. */
const STRIDE = 20_000;

export class Progress {
  #told = 0;

  /** @param what things are done: "entries" */
  constructor(
    readonly terminal: Pick<Terminal, 'err' | 'isTty'>,
    readonly what: string,
  ) {}

  /** Call it as often as you like. */
  at(count: number): void {
    if (!this.terminal.isTty || count < this.#told + STRIDE) return;
    this.#told = count;
    this.terminal.err(`\r${count} ${this.what} ...`);
  }

  /** Leaves the line empty. */
  end(): void {
    if (this.#told > 0) this.terminal.err('\r\u001b[K');
  }
}
