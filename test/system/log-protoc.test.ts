// protoc, which knows only the schema, reads what vmft writes. Needs Debian's protobuf-compiler.

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { LogEntry } from '../../src/log/entry.js';
import { SAMPLE, logOf, sampleHeader } from '../unit/log-sample.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** What protoc makes of a log: its text form. */
function decoded(log: Uint8Array): string {
  const result = spawnSync('protoc', ['--decode', 'vmft.v1.Log', 'proto/vmft/v1/log.proto'], {
    ...{ cwd: root, input: log, encoding: 'utf8', maxBuffer: 2 ** 28 },
  });
  expect(result.stderr).toBe('');
  expect(result.status).toBe(0);
  return result.stdout;
}

/** How often `pattern` is found in `text`. */
function count(text: string, pattern: RegExp): number {
  return [...text.matchAll(pattern)].length;
}

it('a log is one message of the schema', () => {
  const data = Uint8Array.from({ length: 3000 }, (_, n) => n % 7);
  const image = { role: 'kernel', name: 'hello.elf', size: 3000, sha256: new Uint8Array(32), embedded: true } as const;
  const header = sampleHeader({ images: [{ ...image, data }] });
  const text = decoded(logOf(SAMPLE, { header, flushAfter: (index) => index % 4 === 3 }));
  expect(text).toMatch(/^header \{\n {2}format: "vmft"\n {2}major: 1\n {2}minor: 1\n {2}producer: "vmft 0\.1\.0"\n/);
  expect(text).toMatch('clock: CLOCK_HOST');
  expect(text).toMatch('wall_clock: 1790000000123456789');
  expect(text).toMatch('role: ROLE_KERNEL');
  expect(text).toMatch(/image \{\n {2}size: 3000\n {2}brotli: /);
  expect(text).toMatch('entry {\n  after: 10\n  time: 5\n}\nentry {\n  after: 199990\n  tick: 9995\n}\n');
  expect(text).toMatch('times {\n    after: 40\n    after: 40\n    time: 3\n    time: -1\n  }');
  expect(text).toMatch('  length: 60\n  packet_output: 18446744073709551615\n');
  expect(text).toMatch('end {\n    reason: REASON_POWER_OFF\n    status: 3\n  }');
  expect(count(text, /^seal \{/gm)).toBe(6);
  // A field that the schema does not have is printed by its number.
  expect(text).not.toMatch(/^\s*\d+(:| \{)/m);
});

it('any prefix of whole stretches is one too', () => {
  const log = logOf(SAMPLE, { flushAfter: () => true });
  for (let at = 0; at + 12 <= log.length; at++) {
    if (log[at] !== 0x22 || log[at + 1] !== 0x0a || log[at + 2] !== 0x0d || log[at + 7] !== 0x15) continue;
    expect(decoded(log.subarray(0, at + 12))).toMatch(/^header/);
  }
});

it('a hundred thousand time reads are the numbers that were written', () => {
  const positions = Float64Array.from({ length: 100_000 }, (_, n) => n * 1000 + (n % 13));
  const times = Float64Array.from(positions, (position, n) => position * 3 - (n % 5));
  const batch: LogEntry = { type: 'times', positions, times };
  const text = decoded(logOf([batch]));
  const columns = { after: 0, time: 0 };
  const read: Record<'after' | 'time', number[]> = { after: [], time: [] };
  for (const [, name, delta] of text.matchAll(/^ {4}(after|time): (-?\d+)$/gm)) {
    const column = name as 'after' | 'time';
    read[column].push((columns[column] += Number(delta)));
  }
  expect(read.after).toEqual([...positions]);
  expect(read.time).toEqual([...times]);
});
