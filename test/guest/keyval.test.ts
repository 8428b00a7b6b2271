/** The key-value store in worlds of the test's own: what it answers, what it has written, and with a disk that fails. */
import { payloadFrom } from '../support/frames.js';
import { checkLog } from '../support/keyval-log.js';
import { KEYVAL } from './guests.js';
import { entriesOf } from './replay-faults.js';
import type { MadeRecording } from './replay-rig.js';
import { consoleText, record, replay } from './replay-rig.js';

/** What it answered, in order. */
function answersOf({ outputs }: MadeRecording): string[] {
  return outputs.flatMap(({ output }) => {
    const answer = output.type === 'packet' ? payloadFrom(7000, Buffer.from(output.data)) : undefined;
    return answer === undefined ? [] : [answer.toString('latin1')];
  });
}

/** What its disk holds at the end: everything that was written, in order. */
function imageOf({ outputs }: MadeRecording): Buffer {
  const image = Buffer.alloc(4096);
  for (const { output } of outputs)
    if (output.type === 'disk' && output.operation === 'write') image.set(output.data, output.offset);
  return image;
}

it('answers no write before its record is durable', async () => {
  const made = await record('keyval', KEYVAL);
  expect(made.run).toMatchObject({ reason: 'power-off', status: 0 });
  const packets = made.outputs.flatMap(({ output }) => (output.type === 'packet' ? [Buffer.from(output.data)] : []));
  let [written, durable, answered] = [0, 0, 0];
  let flushing = false;
  for (const entry of await entriesOf(made)) {
    // The guest has one request in flight at most, and no request but writes and flushes.
    if (entry.type === 'disk') durable = flushing ? written : durable;
    if (entry.type !== 'output') continue;
    if (entry.kind === 'disk') {
      flushing = entry.length === 0;
      written += entry.length / 512;
    }
    const text =
      entry.kind === 'packet' ? payloadFrom(7000, packets.shift() ?? Buffer.alloc(0))?.toString() : undefined;
    const [, version] = /^(?:OK|VALUE|SUM) \S+ \d+ (\d+)/.exec(text ?? '') ?? [];
    if (version === undefined) continue;
    expect(Number(version)).toBeLessThanOrEqual(durable);
    answered++;
  }
  expect(answered).toBeGreaterThan(10);
  expect(consoleText(made.outputs)).toContain(`keyval: ${durable} writes of `);
});

it('keeps the last writes in a log that wraps round', async () => {
  const made = await record('keyval', KEYVAL);
  const { newest, records, faults } = checkLog(imageOf(made), []);
  expect(faults).toEqual([]);
  expect(newest).toBeGreaterThan(8);
  expect([...records.keys()].sort((a, b) => a - b)).toEqual(Array.from({ length: 8 }, (_, n) => newest - 7 + n));
  expect(consoleText(made.outputs)).toContain(`keyval: ${newest} writes of `);
});

it.each([1, 2, 3])('goes on with a disk that fails now and then (%i)', async (seed) => {
  const made = await record('keyval', { ...KEYVAL, seed, ailing: true });
  expect(made.run).toMatchObject({ reason: 'power-off', status: 0 });
  expect(consoleText(made.outputs)).toMatch(/, [1-9]\d* retries/);
  expect(checkLog(imageOf(made), []).faults).toEqual([]);
  expect((await replay(made)).outputs).toEqual(made.outputs);
});

it('answers at once where there is no disk, and twice the same to what comes twice', async () => {
  const { frames = [] } = KEYVAL;
  const made = await record('keyval', { frames: [...frames.slice(0, -1), ...frames.slice(-2)] });
  const answers = answersOf(made);
  expect(answers).toHaveLength(14 + 14 + 7 + 1);
  expect(answers.slice(0, 3)).toEqual(['OK a0 1 1', 'SUM b0 1 2 1', 'OK a1 2 3']);
  expect(answers.slice(-7)).toEqual([
    'VALUE c 1 25 value-12',
    'NONE d 1',
    'ERROR e 1 not a number',
    'ERROR - 0 malformed',
    'ERROR - 0 malformed',
    'SUM b1 12 24 12',
    'SUM b1 12 24 12',
  ]);
  expect(answers.filter((answer) => answer === 'OK a4 10 19')).toHaveLength(2);
});
