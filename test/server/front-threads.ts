/** Real front threads in a test, which runs TypeScript: worker threads do not, so what they import is compiled once. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import ts from 'typescript';
import { afterAll } from 'vitest';
import type { OpenThread } from '../../src/server/fronts/link.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const source = join(root, 'src');

/** Compiles the file and all it imports, below `into`. */
function compile(file: string, into: string, done: Set<string>): void {
  if (done.has(file)) return;
  done.add(file);
  const text = readFileSync(file, 'utf8');
  const compilerOptions = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022, verbatimModuleSyntax: true };
  const target = join(into, relative(source, file)).replace(/ts$/, 'js');
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, ts.transpileModule(text, { compilerOptions }).outputText);
  for (const { fileName } of ts.preProcessFile(text, true, true).importedFiles) {
    if (fileName.startsWith('.')) compile(join(dirname(file), fileName).replace(/js$/, 'ts'), into, done);
  }
}

/** Where a file of src/, and all it imports, lies compiled; for one test file. @param file below src/ */
export function compiled(file: string): URL {
  const into = mkdtempSync(join(tmpdir(), 'compiled-'));
  afterAll(() => rmSync(into, { recursive: true }));
  writeFileSync(join(into, 'package.json'), '{"type":"module"}');
  symlinkSync(join(root, 'node_modules'), join(into, 'node_modules'));
  compile(join(source, file), into, new Set());
  return pathToFileURL(join(into, file.replace(/ts$/, 'js')));
}

/** Opens front threads, and remembers them; for one test file. */
export function frontThreads(): { readonly open: OpenThread; readonly opened: Worker[] } {
  const url = compiled('server/fronts/front-thread.ts');
  const opened: Worker[] = [];
  const open: OpenThread = (workerData) => {
    const worker = new Worker(url, { workerData });
    opened.push(worker);
    return worker;
  };
  return { open, opened };
}
