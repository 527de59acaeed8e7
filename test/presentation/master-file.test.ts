/** Are master files read as RFC 1035 §5 has them, and are all their mistakes told at once? */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nameFromText } from '../../src/dns/name.js';
import type { ResourceRecord } from '../../src/dns/rrset.js';
import { type MasterFileOptions, parseMasterFile } from '../../src/presentation/master-file.js';
import { recordToText } from '../../src/presentation/record-text.js';

function read(text: string, options?: MasterFileOptions): { records: string[]; problems: string[] } {
  const { records, problems } = parseMasterFile(text, options);
  return { records: records.map(recordToText), problems: problems.map(({ line, message }) => `${line}: ${message}`) };
}

/** The records of a text that has no problems. */
function recordsOf(text: string, options?: MasterFileOptions): string[] {
  const { records, problems } = read(text, options);
  expect(problems).toEqual([]);
  return records;
}

const sameRecord = (a: ResourceRecord, b: ResourceRecord | undefined): boolean =>
  a.name === b?.name && a.type === b.type && a.class === b.class && a.ttl === b.ttl && a.rdata === b.rdata;

describe('entries', () => {
  it('reads the example of RFC 1035 §5.3', () => {
    const text = `
@   IN  SOA     VENERA      Action\\.domains (
                                 20     ; SERIAL
                                 7200   ; REFRESH
                                 600    ; RETRY
                                 3600000; EXPIRE
                                 60)    ; MINIMUM

        NS      A.ISI.EDU.
        NS      VENERA
        MX      10      VENERA
A       A       26.3.0.103

VENERA  A       10.1.0.52
        A       128.9.0.32`;
    expect(recordsOf(text, { origin: nameFromText('isi.edu.') })).toMatchInlineSnapshot(`
      [
        "isi.edu. 60 IN SOA VENERA.isi.edu. Action\\.domains.isi.edu. 20 7200 600 3600000 60",
        "isi.edu. 60 IN NS A.ISI.EDU.",
        "isi.edu. 60 IN NS VENERA.isi.edu.",
        "isi.edu. 60 IN MX 10 VENERA.isi.edu.",
        "a.isi.edu. 60 IN A 26.3.0.103",
        "venera.isi.edu. 60 IN A 10.1.0.52",
        "venera.isi.edu. 60 IN A 128.9.0.32",
      ]
    `);
  });

  it('takes TTL and class in any order, or leaves them out', () => {
    const text =
      'a. 1 IN A 10.0.0.1\na. IN 2 A 10.0.0.1\na. 3 A 10.0.0.1\na. IN A 10.0.0.1\na. A 10.0.0.1\n A 10.0.0.1';
    expect(recordsOf(text).map((line) => line.split(' ')[1])).toEqual(['1', '2', '3', '3', '3', '3']);
  });

  it('keeps the class stated last', () => {
    expect(recordsOf('a. CH TXT x\nb. TXT y')).toEqual(['a. 3600 CH TXT "x"', 'b. 3600 CH TXT "y"']);
  });

  it('reads parentheses, quotes and comments wherever they stand', () => {
    expect(recordsOf('a. (1 ; one ( "\n\n IN ) TXT("x;y(" ; "\n "two\nlines") ; end')).toEqual([
      'a. 1 IN TXT "x;y(" "two\\010lines"',
    ]);
    expect(recordsOf('a. 1 TXT a"b"c')).toEqual(['a. 1 IN TXT "a" "b" "c"']);
    expect(recordsOf('( a. 1 TXT ((x)) )')).toEqual(['a. 1 IN TXT "x"']);
  });

  it('reads carriage returns, a byte order mark and a last line without an end', () => {
    expect(recordsOf('\uFEFFa. 1 A 10.0.0.1\r\n\r\n \r\n\tA 10.0.0.2\r\nb. 1 A 10.0.0.3')).toEqual([
      'a. 1 IN A 10.0.0.1',
      'a. 1 IN A 10.0.0.2',
      'b. 1 IN A 10.0.0.3',
    ]);
  });

  it('does not take a type for an owner nor an escaped dollar for a directive', () => {
    expect(recordsOf('A 1 A 10.0.0.1\n\\$ORIGIN 1 A 10.0.0.1\nin 1 A 10.0.0.1\n1h A 10.0.0.1')).toEqual([
      'a. 1 IN A 10.0.0.1',
      '\\$origin. 1 IN A 10.0.0.1',
      'in. 1 IN A 10.0.0.1',
      '1h. 1 IN A 10.0.0.1',
    ]);
  });
});

describe('TTL', () => {
  it('$TTL counts before the TTL stated last (RFC 2308 §4)', () => {
    expect(recordsOf('a. 1 A 10.0.0.1\n$TTL 1h\na. A 10.0.0.2\na. 7 A 10.0.0.3\na. A 10.0.0.4')).toEqual([
      'a. 1 IN A 10.0.0.1',
      'a. 3600 IN A 10.0.0.2',
      'a. 7 IN A 10.0.0.3',
      'a. 3600 IN A 10.0.0.4',
    ]);
  });

  it('the default is a $TTL before the first line', () => {
    expect(recordsOf('a. 1 A 10.0.0.1\na. A 10.0.0.2\n$TTL 5\na. A 10.0.0.3', { defaultTtl: 9 })).toEqual([
      'a. 1 IN A 10.0.0.1',
      'a. 9 IN A 10.0.0.2',
      'a. 5 IN A 10.0.0.3',
    ]);
  });

  it('none at all means one hour', () => {
    expect(recordsOf('a. A 10.0.0.1')).toEqual(['a. 3600 IN A 10.0.0.1']);
  });
});

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: the syntax of $GENERATE
describe('directives', () => {
  it('$ORIGIN may itself be relative', () => {
    expect(recordsOf('$ORIGIN example.\na 1 NS b\n$origin sub\na 1 NS @\n')).toEqual([
      'a.example. 1 IN NS b.example.',
      'a.sub.example. 1 IN NS sub.example.',
    ]);
  });

  it('$GENERATE makes records', () => {
    const text =
      '$ORIGIN example.\n$GENERATE 1-5/2 h${0,3} 60 A 192.0.2.$\n$GENERATE 9-10 ${-9,2,x} TXT "\\$ $$ ${6,0,X}"';
    expect(recordsOf(text)).toEqual([
      'h001.example. 60 IN A 192.0.2.1',
      'h003.example. 60 IN A 192.0.2.3',
      'h005.example. 60 IN A 192.0.2.5',
      '00.example. 60 IN TXT "$ $ F"',
      '01.example. 60 IN TXT "$ $ 10"',
    ]);
  });

  it('are refused with a reason', () => {
    const text = [
      '$INCLUDE other.zone',
      '$ORIGIN',
      '$ORIGIN a..b',
      '$TTL 1 2',
      '$TTL soon',
      '$BOGUS',
      '$GENERATE 1-70000 a$ A 10.0.0.1',
      '$GENERATE 2-1 a$ A 10.0.0.1',
      '$GENERATE 1-2 ${x} A 10.0.0.1',
      '$GENERATE 1-2',
      'a. 1 A 10.0.0.1',
    ].join('\n');
    expect(read(text)).toMatchInlineSnapshot(`
      {
        "problems": [
          "1: $INCLUDE is not followed: put the contents of other.zone here",
          "2: $ORIGIN takes one domain name",
          "3: "a..b" is not a domain name: it has an empty label",
          "4: $TTL takes one time",
          "5: "soon" is not a time: write 3600, 1h or 1h30m",
          "6: $BOGUS is not $ORIGIN, $TTL or $GENERATE; a name with a dollar is written \\$",
          "7: $GENERATE 1-70000 makes more than 65536 records",
          "8: "2-1" is not a range like 1-100 or 0-254/2",
          "9: "\${x}" is not an offset, width and base like \${0,3,d}",
          "10: $GENERATE needs an owner, a type and RDATA after its range",
        ],
        "records": [
          "a. 1 IN A 10.0.0.1",
        ],
      }
    `);
  });
});

// biome-ignore-end lint/suspicious/noTemplateCurlyInString: the syntax of $GENERATE

describe('problems', () => {
  it('are told with their lines, and the reading goes on', () => {
    const text =
      'a. 1 A 10.0.0\n\nb. 1 A (\n10.0.0.1\nx)\nc. 1 TXT "x\n A 10.0.0.3\nd. 1 A 10.0.0.4\n  1 BOGUS\n MX 10\ne..f 1 A 10.0.0.1\n A 10.0.0.6\n';
    expect(read(text)).toMatchInlineSnapshot(`
      {
        "problems": [
          "1: "10.0.0" is not an IPv4 address",
          "3: "x" is more than A takes",
          "6: a quote is never closed",
          "7: no record before it has an owner that it could take",
          "9: "BOGUS" is not a record type, class or TTL",
          "10: a domain name is missing",
          "11: "e..f" is not a domain name: it has an empty label",
          "12: no record before it has an owner that it could take",
        ],
        "records": [
          "d. 1 IN A 10.0.0.4",
        ],
      }
    `);
  });

  it('a parenthesis never closed is told where it was opened', () => {
    expect(read('a. 1 A 10.0.0.1\nb. 1 TXT (x\nc. 1 A 10.0.0.1\n')).toMatchInlineSnapshot(`
      {
        "problems": [
          "2: a parenthesis opened here is never closed: the rest of the text was not read",
        ],
        "records": [
          "a. 1 IN A 10.0.0.1",
        ],
      }
    `);
  });

  it('quote a word of a million characters in part', () => {
    const { problems } = read(`a. 1 A ${'9'.repeat(1_000_000)}`);
    expect(problems[0]).toMatch(/^1: "9{200,300}\.\.\.$/);
  });

  it('name the file when it is given', () => {
    expect(read('\nx', { file: 'lab/root.zone' }).problems).toEqual(['2: lab/root.zone:2: the record type is missing']);
  });

  it('are at most a hundred, the records after them still read', () => {
    const { records, problems } = read(`${'x\n'.repeat(150)}a. 1 A 10.0.0.1`);
    expect(problems).toHaveLength(100);
    expect(problems[99]).toContain('there may be more');
    expect(records).toEqual(['a. 1 IN A 10.0.0.1']);
  });

  it('any text gives records and problems, never an exception', () => {
    const word = fc.constantFrom(
      'a.',
      '@',
      '$TTL',
      '$ORIGIN',
      '$GENERATE',
      '1-3',
      '1',
      'IN',
      'CH',
      'A',
      'TXT',
      'SVCB',
      '\\#',
      '10.0.0.1',
      'x=',
      '"',
      '(',
      ')',
      ';',
      '\n',
      '\n ',
      '\\',
      '\\0',
      '${',
      '\u00e9',
      '\ud800',
    );
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(word, { maxLength: 40 }).map((words) => words.join(' ')),
    );
    fc.assert(
      fc.property(text, (value) => {
        const { records, problems } = parseMasterFile(value);
        const again = parseMasterFile(records.map(recordToText).join('\n'));
        if (again.problems.length > 0 || !again.records.every((record, i) => sameRecord(record, records[i]))) {
          expect(again).toEqual({ records, problems: [] });
        }
        const lines = value.split('\n').length;
        if (problems.some(({ line }) => line < 1 || line > lines)) expect.fail(JSON.stringify(problems));
      }),
      { numRuns: 800 },
    );
  });
});
