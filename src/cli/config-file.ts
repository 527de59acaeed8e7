/** Is the configuration file in order? For commands that need one: all mistakes in one message. */
import type { Config } from '../config/config.js';
import { configProblemToText, loadConfig } from '../config/load-config.js';
import { CommandError } from './exit.js';

/** The configuration in `file`, all defaults without one. Throws CommandError listing every mistake. */
export function configOrEnd(file: string | undefined): Config {
  const outcome = loadConfig(file);
  if (outcome.ok) return outcome.config;
  throw new CommandError(
    outcome.problems.map(configProblemToText).join('\n'),
    `rootwalk check-config ${file ?? 'FILE'} checks the file again`,
  );
}
