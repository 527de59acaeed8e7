/** Which questions are in a file? A name and perhaps a type a line, as dnsperf and flamethrower read them. */
import { readFile } from 'node:fs/promises';
import { text as textOf } from 'node:stream/consumers';
import { NameError, nameFromText } from '../dns/name.js';
import { Type, typeFromText } from '../dns/numbers.js';
import { CommandError } from './exit.js';

export interface FileQuestion {
  readonly name: ReturnType<typeof nameFromText>;
  readonly type: number;
}

/** "-": standard input. Throws CommandError naming file and line. */
export async function readQueryFile(file: string): Promise<readonly FileQuestion[]> {
  const text = await (file === '-' ? textOf(process.stdin) : readFile(file, 'utf8')).catch((error: Error) => {
    throw new CommandError(`${file} cannot be read: ${error.message}`, 'name a file of lines like "www.example.org A"');
  });
  const questions = questionsFrom(text, file);
  if (questions.length > 0) return questions;
  throw new CommandError(`${file} holds no questions`, 'write lines like "www.example.org A"');
}

/** Empty lines and what follows # or ; at the start of a line is left out. Throws CommandError. */
export function questionsFrom(text: string, file: string): readonly FileQuestion[] {
  const questions: FileQuestion[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    const words = line.trim().split(/\s+/);
    const [name = '', type = 'A'] = words;
    if (name === '' || name.startsWith('#') || name.startsWith(';')) continue;
    const where = `${file}:${index + 1}`;
    if (words.length > 2) throw new CommandError(`${where}: more than a name and a type`, 'one question a line');
    questions.push({ name: nameIn(name, where), type: typeIn(type, where) });
  }
  return questions;
}

function nameIn(text: string, where: string): FileQuestion['name'] {
  try {
    return nameFromText(text);
  } catch (error) {
    if (!(error instanceof NameError)) throw error;
    throw new CommandError(`${where}: ${error.message}`, 'names look like www.example.org');
  }
}

function typeIn(text: string, where: string): number {
  const type = typeFromText(text);
  if (type !== undefined && type !== Type.OPT) return type;
  throw new CommandError(`${where}: "${text}" is not a record type`, 'the name comes first, then a type like A or MX');
}
