/**
 * What vmft is for. `race-once` loses an update in a few runs of a hundred: when its one tick falls between a load and
 * a store of add_one. Recorded until it fails, the failure comes again with every replay, and a comparison with a good
 * run leads to the tick.
 */
import { Many, type Outcome } from '../support/many.js';
import { guest, vmft, workFolder } from '../support/vmft.js';

const TRIES = 150;
const REPLAYS = 5;
const GOOD = 'race: ok 3000001\n';
/** Behind add_one's load and before its store; all of its instructions have two bytes. */
const WINDOW = /^add_one\+0x[246]$/;

const work = workFolder();
afterAll(() => work.remove());

interface Run {
  readonly log: string;
  readonly outcome: Outcome;
  readonly tick: Tick;
}
interface Tick {
  readonly type: 'tick';
  readonly position: number;
  readonly time: number;
}

function tickOf(log: string): Tick | undefined {
  const { stdout } = vmft('inspect', log, '--json', '--type', 'tick');
  const ticks = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Tick)
    .filter(({ type }) => type === 'tick');
  expect(ticks.length).toBeLessThanOrEqual(1);
  return ticks[0];
}

/**
 * A failing run, and good ones whose tick comes before and after its. The first failing run may be the recorder's
 * first run of all, when nothing was compiled and its tick came earlier than any other will: then a later one serves.
 */
const found: Partial<Record<'failing' | 'before' | 'after', Run | undefined>> = {};

beforeAll(async () => {
  const recorder = new Many();
  const [good, bad]: [Run[], Run[]] = [[], []];
  for (let n = 0; n < TRIES && !(found.after && found.before); n++) {
    const log = work.path(`run-${n}.pb`);
    const outcome = await recorder.run({ command: 'record', path: guest('race-once.elf'), flags: { output: log } });
    // Good runs come by themselves: some are enough until there is a failing one.
    if (outcome.status === 0 && bad.length === 0 && good.length >= 6) continue;
    const tick = tickOf(log);
    // On a host that was slow to start the timer was due when it was set: that takes no tick.
    if (tick === undefined) continue;
    // Where another process took the core at the end, the tick came behind the last addition: no race either.
    if (outcome.status === 0 && textOf(outcome) !== GOOD) continue;
    (outcome.status === 0 ? good : bad).push({ log, outcome, tick });
    for (const failing of bad) {
      const before = good.find(({ tick: { position } }) => position < failing.tick.position);
      const after = good.find(({ tick: { position } }) => position > failing.tick.position);
      Object.assign(found, { failing, before, after });
      if (before && after) break;
    }
  }
  recorder.close();
});

function failing(): Run {
  if (!found.failing) throw new Error(`none of ${TRIES} runs lost its update`);
  return found.failing;
}

const textOf = ({ stdout }: Outcome): string => Buffer.from(stdout, 'base64').toString();

it('fails now and then, and then with each replay', () => {
  const { log, outcome } = failing();
  expect(outcome.status).toBe(1);
  expect(textOf(outcome)).toMatch(/^race: LOST update: have 3000000, want 3000001\n$/);
  for (let n = 0; n < REPLAYS; n++) expect(vmft('replay', log)).toMatchObject({ status: 1, stdout: textOf(outcome) });
});

describe.each(['after', 'before'] as const)('a good run whose tick comes %s the fatal one', (which) => {
  it('differs from the failing one by the tick, at its position', () => {
    const good = found[which];
    if (!good) throw new Error(`no such run among ${TRIES}`);
    expect(textOf(good.outcome)).toBe(GOOD);

    const bad = failing();
    const { status, stdout } = vmft('diff', good.log, bad.log, '--json');
    expect(status).toBe(1);
    const { outcome, divergence } = JSON.parse(stdout);
    expect(outcome).toBe('diverged');
    const [first, second] = which === 'after' ? [bad, good] : [good, bad];
    expect(divergence.position).toBe(first.tick.position);
    expect(divergence.cause).toMatchObject({
      kind: which === 'after' ? 'added' : 'missing',
      entries: which === 'after' ? [null, first.tick] : [first.tick, null],
      later: second.tick,
    });
    expect(divergence.fields).toContainEqual(expect.objectContaining({ kind: 'csr', name: 'mepc' }));

    // The side with the tick is in the handler; the other one goes on where it was.
    const [goodNext, badNext] = divergence.next;
    const [interrupted, undisturbed] = which === 'after' ? [badNext, goodNext] : [goodNext, badNext];
    expect(interrupted.symbol).toBe('trap_entry');
    expect(undisturbed.symbol).not.toBe('trap_entry');
    // A fatal tick falls behind the load and before the store.
    if (which === 'after') expect(undisturbed.symbol).toMatch(WINDOW);
    else expect(undisturbed.symbol).not.toMatch(WINDOW);
  });

  it('is told apart from it in words', () => {
    const good = found[which];
    if (!good) throw new Error(`no such run among ${TRIES}`);
    const { status, stdout } = vmft('diff', good.log, failing().log);
    expect(status).toBe(1);
    expect(stdout.replaceAll('\n', ' ')).toMatch(
      /The runs differ from position [\d ]+ on: \S+ has a tick at guest time [\d.]+ s there, and \S+ has its next [\d ]+ instructions later\. /,
    );
    expect(stdout).toContain('<trap_entry>');
  });
});
