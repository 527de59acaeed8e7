/** Where are local records kept that were changed at run time? In the file of local.file. */
import { LocalFileError } from '../policy/local-file.js';
import type { TextStore } from '../ports/text-store.js';
import { CommandError } from './exit.js';
import { readTextFile, textFileSaver } from './text-file.js';

export function fileLocalStore(file: string): TextStore {
  return { where: file, load: () => loadFile(file), save: textFileSaver(file) };
}

/** What `compose` makes. Throws CommandError for a file that cannot be believed: it would be written over. */
export function localFileReadOrEnd<T>(compose: () => T): T {
  try {
    return compose();
  } catch (error) {
    if (!(error instanceof LocalFileError)) throw error;
    throw new CommandError(
      error.message,
      'the file keeps local records changed at run time (local.file): mend it, or move it away',
    );
  }
}

function loadFile(file: string): string | undefined {
  try {
    return readTextFile(file);
  } catch (error) {
    throw new LocalFileError(`${file}: ${(error as Error).message}`);
  }
}
