/** The figures of a simulation in words and tables for people. */
const percent = (share) => (100 * share).toFixed(1);
const titleOf = (text) => `\n${text}\n`;

export function reportText({ seed, policies, attackedPolicies, references, replays, attacks, skipped, verdict }) {
  const parts = [`Eviction policies over traces, seed ${seed}`];
  for (const { file, because } of skipped) parts.push(`skipped ${file}: ${because}`);
  if (references.length > 0)
    parts.push(titleOf('Counted by entries of one size: hit ratio, %'), referenceTable(references));
  if (replays.length > 0) {
    parts.push(
      titleOf('Hit ratio %, byte hit ratio %, milliseconds saved % of all; by octets'),
      replayTable(replays, policies),
    );
  }
  if (attacks.length > 0)
    parts.push(titleOf('Benign hit ratio %, before and under attack'), attackTable(attacks, attackedPolicies));
  parts.push('', ...verdict.lines);
  return `${parts.join('\n')}\n`;
}

function referenceTable(rows) {
  return table(
    ['trace', 'entries', 'policy', 'hit ratio', 'known to be'],
    rows.map((row) => [row.trace, row.entries, row.policy, percent(row.hitRatio), row.known ?? '']),
  );
}

function replayTable(rows, policies) {
  const columns = [...policies, 'optimum'];
  return table(
    ['trace', 'TTLs', 'of set', ...columns],
    rows.map((row) => [
      row.trace,
      row.ttls ? 'yes' : 'no',
      `${100 * row.part}%`,
      ...columns.map((name) => {
        const { hitRatio, byteHitRatio, savedShare } = row.byPolicy[name];
        return `${percent(hitRatio)} ${percent(byteHitRatio)} ${percent(savedShare)}`;
      }),
    ]),
  );
}

function attackTable(rows, policies) {
  return table(
    ['trace', 'of set', 'attack', 'a question', ...policies],
    rows.map((row) => [
      row.trace,
      `${100 * row.part}%`,
      row.attack,
      row.perQuestion,
      ...policies.map((name) => `${percent(row.byPolicy[name].before)} > ${percent(row.byPolicy[name].under)}`),
    ]),
  );
}

/** Markdown, aligned: it reads the same on a terminal and in docs/eviction.md. */
function table(head, rows) {
  const cells = [head, ...rows].map((row) => row.map(String));
  const widths = head.map((_, i) => Math.max(3, ...cells.map((row) => row[i].length)));
  const line = (row) => `| ${row.map((cell, i) => cell.padEnd(widths[i])).join(' | ')} |`;
  return [
    line(cells[0]),
    `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`,
    ...cells.slice(1).map(line),
  ].join('\n');
}
