/** What does the YAML text say, and on which line and column does it say so? */
import { type Document, isMap, isScalar, isSeq, Lexer, LineCounter, type Node, parseDocument } from 'yaml';

/** Keys and list indices from the top. */
export type Path = readonly (string | number)[];

interface Position {
  /** From 1. */
  readonly line: number;
  readonly column: number;
}

interface SourceProblem {
  readonly path: Path;
  readonly position: Position;
  readonly message: string;
}

const START: Position = { line: 1, column: 1 };

/** A parsed text that can tell where a value stands. */
export class YamlSource {
  readonly #lines = new LineCounter();
  readonly #document: Document.Parsed;
  /** Mistakes of YAML itself. Duplicate keys are among `duplicates`: the rest of such a text can still be read. */
  readonly syntax: readonly SourceProblem[];
  readonly duplicates: readonly SourceProblem[];

  constructor(text: string) {
    const isTooDeep = nestsTooDeep(text);
    this.#document = parseDocument(isTooDeep ? '' : text, { lineCounter: this.#lines, prettyErrors: false });
    const errors = [...this.#document.errors, ...this.#document.warnings];
    const isDuplicate = (error: { code: string }): boolean => error.code === 'DUPLICATE_KEY';
    this.syntax = errors
      .filter((error) => !isDuplicate(error))
      .map(({ message, pos }) => ({ path: [], position: this.#at(pos[0]), message: `not YAML: ${message}` }));
    if (isTooDeep) {
      const message = `sections nest more than ${MAX_DEPTH} deep or are indented that far`;
      this.syntax = [{ path: [], position: START, message }];
    }
    this.duplicates = errors.filter(isDuplicate).map(({ pos }) => this.#duplicateAt(pos[0]));
  }

  /** The plain value, null for an empty text. Throws ReferenceError when aliases multiply without measure. */
  value(): unknown {
    return this.#document.toJS({ maxAliasCount: 100 });
  }

  /** Where the value at `path` begins, or the deepest value there is on the way to it. */
  positionOf(path: Path): Position {
    for (let length = path.length; length >= 0; length--) {
      const node = this.#document.getIn(path.slice(0, length), true) as Partial<Node> | null | undefined;
      const start = node?.range?.[0];
      if (start !== undefined) return this.#at(start);
    }
    return START;
  }

  /** Where the key that ends `path` stands; for a list item, where the item begins. */
  positionOfKey(path: Path): Position {
    const key = path.at(-1);
    const parent = path.length === 1 ? this.#document.contents : this.#document.getIn(path.slice(0, -1), true);
    if (!isMap(parent)) return this.positionOf(path);
    const pair = parent.items.find((item) => keyText(item.key) === key);
    const start = (pair?.key as Partial<Node> | undefined)?.range?.[0];
    return start === undefined ? this.positionOf(path) : this.#at(start);
  }

  #duplicateAt(offset: number): SourceProblem {
    const path = pathOfKeyAt(this.#document.contents, offset) ?? [];
    const message = `the key "${String(path.at(-1) ?? '')}" stands twice in this section: keep one of them`;
    return { path, position: this.#at(offset), message };
  }

  #at(offset: number): Position {
    const { line, col } = this.#lines.linePos(offset);
    // An empty text has no lines at all.
    return line === 0 ? START : { line, column: col };
  }
}

/** A configuration nests six deep; indentation may be generous. */
const MAX_DEPTH = 100;

/** The lexer's mark before a document's first token. */
const DOCUMENT_START = '\x02';

/** The composer of the yaml package recurses, and some thousand levels abort the process; its lexer, read bit by bit, does not. */
function nestsTooDeep(text: string): boolean {
  let flow = 0;
  let indent = 0;
  let isIndentation = true;
  for (const lexeme of new Lexer().lex(text)) {
    if (lexeme === '[' || lexeme === '{') flow++;
    else if (lexeme === ']' || lexeme === '}') flow--;
    if (lexeme.endsWith('\n')) {
      indent = 0;
      isIndentation = true;
    } else if (/^[ \t?-]+$/.test(lexeme)) {
      if (isIndentation) indent += lexeme.length;
    } else if (lexeme !== DOCUMENT_START) {
      isIndentation = false;
    }
    if (flow > MAX_DEPTH || (indent > MAX_DEPTH && flow === 0)) return true;
  }
  return false;
}

function keyText(key: unknown): string {
  return isScalar(key) ? String(key.value) : String(key);
}

/** The path of the key that begins at `offset`. */
function pathOfKeyAt(node: unknown, offset: number): Path | undefined {
  if (isSeq(node)) {
    for (const [index, item] of node.items.entries()) {
      const rest = pathOfKeyAt(item, offset);
      if (rest !== undefined) return [index, ...rest];
    }
  }
  if (!isMap(node)) return undefined;
  for (const { key, value } of node.items) {
    if ((key as Partial<Node>).range?.[0] === offset) return [keyText(key)];
    const rest = pathOfKeyAt(value, offset);
    if (rest !== undefined) return [keyText(key), ...rest];
  }
  return undefined;
}
