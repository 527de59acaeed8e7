/** How does a command end that cannot do what it was asked? With words, a way out and an exit code. */

export const EXIT_DONE = 0;
/** The answer is a failure: SERVFAIL, no such entry. */
export const EXIT_FAILURE = 1;
/** The command line or the configuration is wrong, or what the command needs is not there. */
export const EXIT_USAGE = 2;

export type ExitCode = typeof EXIT_DONE | typeof EXIT_FAILURE | typeof EXIT_USAGE;

/** Thrown by commands, shown by main: the message, then the hint on a line of its own. */
export class CommandError extends Error {
  constructor(
    message: string,
    readonly hint: string,
    readonly exitCode: ExitCode = EXIT_USAGE,
  ) {
    super(message);
    this.name = 'CommandError';
  }
}
