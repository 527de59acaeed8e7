/** A log that takes nothing but errors, which fail the test: the transport logs one only for a defect of its own. */
import type { Log } from '../../src/ports/log.js';

export const noLog: Log = {
  debug() {},
  info() {},
  warn() {},
  error(fields, message) {
    throw new Error(message, { cause: fields });
  },
};
