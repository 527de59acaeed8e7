/** How are rows shown? Drawn for people, tab-separated and without a heading for programs. */
import CliTable from 'cli-table3';
import { printable, type Terminal } from './terminal.js';

export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
  /** Longer cells are cut for people, never for programs. */
  readonly maxWidth?: number;
}

type Cell = string | number;

export function writeTable(terminal: Terminal, columns: readonly Column[], rows: readonly (readonly Cell[])[]): void {
  terminal.out(terminal.isTty ? drawn(terminal, columns, rows) : separated(rows));
}

/** A line of cells for each row. Cells hold no tabs or line breaks, since those are escaped. */
function separated(rows: readonly (readonly Cell[])[]): string {
  return rows.map((row) => `${row.map((cell) => printable(String(cell))).join('\t')}\n`).join('');
}

function drawn(terminal: Terminal, columns: readonly Column[], rows: readonly (readonly Cell[])[]): string {
  const table = new CliTable({
    head: columns.map(({ title }) => terminal.colours.bold(title)),
    colAligns: columns.map(({ align }) => align ?? 'left'),
    chars: NO_LINES,
    style: { head: [], border: [], compact: true, 'padding-left': 0, 'padding-right': 2 },
  });
  for (const row of rows) table.push(row.map((cell, i) => cut(printable(String(cell)), columns[i]?.maxWidth)));
  return `${trimLines(table.toString())}\n`;
}

function cut(text: string, maxWidth: number | undefined): string {
  return maxWidth === undefined || text.length <= maxWidth ? text : `${text.slice(0, maxWidth - 1)}…`;
}

function trimLines(text: string): string {
  return text
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

// biome-ignore format: a table reads better in rows
const NO_LINES = {
  top: '', 'top-mid': '', 'top-left': '', 'top-right': '', bottom: '', 'bottom-mid': '', 'bottom-left': '',
  'bottom-right': '', left: '', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '', middle: '',
};

/** Labelled values: aligned for people, label and value separated by a tab for programs. */
export function writePairs(terminal: Terminal, pairs: readonly (readonly [label: string, value: Cell])[]): void {
  const width = Math.max(...pairs.map(([label]) => label.length)) + 2;
  for (const [label, value] of pairs) {
    const shown = printable(String(value));
    terminal.out(terminal.isTty ? `${label.padEnd(width)}${shown}\n` : `${label}\t${shown}\n`);
  }
}
