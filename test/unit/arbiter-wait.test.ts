/** Waiting for an arbiter: how long, what is said, and how it is given up. */
import { ArbiterAway, arbitrate, type Arbiter, type Claim } from '../../src/pair/arbiter.js';
import { pause } from '../support/vmft.js';

const claim: Claim = { run: 'ab', epoch: 2, holder: 'b', previous: 'a' };

/** Answers its claims one after another; what is a number takes that many milliseconds. */
function scripted(...script: (boolean | Error | number)[]): { arbiter: Arbiter; asked: Claim[] } {
  const asked: Claim[] = [];
  const arbiter = {
    name: 'file:/shared',
    claim: async (run: string, epoch: number, holder: string, previous: string): Promise<boolean> => {
      asked.push({ run, epoch, holder, previous });
      const next = script.shift() ?? false;
      if (typeof next === 'number') await pause(next);
      if (next instanceof Error) throw next;
      return next === true;
    },
  } as unknown as Arbiter;
  return { arbiter, asked };
}

function patience(signal?: AbortSignal): { options: Parameters<typeof arbitrate>[2]; told: string[]; slept: number[] } {
  const told: string[] = [];
  const slept: number[] = [];
  const sleep = (milliseconds: number): Promise<void> => {
    slept.push(milliseconds);
    return pause(1);
  };
  return { told, slept, options: { notice: (sentence) => told.push(sentence), sleep, signal, pause: 40 } };
}

const away = (reason: string): ArbiterAway => new ArbiterAway('file:/shared', reason);

it.each([true, false])('says nothing where there is an answer: %s', async (answer) => {
  const { arbiter, asked } = scripted(answer);
  const { options, told, slept } = patience();
  expect(await arbitrate(arbiter, claim, options)).toBe(answer);
  expect({ asked, told, slept }).toEqual({ asked: [claim], told: [], slept: [] });
});

it('asks again as long as it takes', async () => {
  const { arbiter, asked } = scripted(away('EIO'), away('ESTALE'), away('EIO'), true);
  const { options, told, slept } = patience();
  expect(await arbitrate(arbiter, claim, options)).toBe(true);
  expect(asked).toHaveLength(4);
  expect(slept).toEqual([40, 40, 40]);
  expect(told).toEqual([
    'The arbiter file:/shared is away (EIO): nobody goes live until it answers.',
    'The arbiter file:/shared is back.',
  ]);
});

it('does not wait where asking again is of no use', async () => {
  const { arbiter } = scripted(new RangeError('no'));
  await expect(arbitrate(arbiter, claim, patience().options)).rejects.toThrow(RangeError);
});

it('is given up at once, while it waits and while it asks', async () => {
  const before = scripted(true);
  await expect(
    arbitrate(before.arbiter, claim, patience(AbortSignal.abort(new Error('enough'))).options),
  ).rejects.toThrow('enough');
  expect(before.asked).toEqual([]);

  for (const script of [[away('EIO')], [300]]) {
    const { arbiter, asked } = scripted(...script);
    const giveUp = new AbortController();
    const { options } = patience(giveUp.signal);
    const asking = arbitrate(arbiter, claim, { ...options, sleep: () => new Promise(() => undefined) });
    setTimeout(() => giveUp.abort(new Error('enough')), 20);
    await expect(asking).rejects.toThrow('enough');
    expect(asked).toHaveLength(1);
  }
});
