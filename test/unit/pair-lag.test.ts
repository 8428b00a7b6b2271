/** How far a backup is behind, and how gently the guest is braked for it. */
import { Lag } from '../../src/pair/lag.js';

/** Lets the guest run slices of a millisecond, and answers how long it rests in all. */
function rests(lag: Lag, slices: number): number {
  let rest = 0;
  for (let n = 0; n < slices; n++) rest += lag.brake(1);
  return rest;
}

describe('the lag', () => {
  it('is the age of the oldest position that the backup has not reached', () => {
    const lag = new Lag(1000);
    for (let n = 1; n <= 10; n++) lag.passed(n * 100, n);
    lag.reached(0, 20);
    expect(lag.behind).toBe(19);
    lag.reached(450, 20);
    expect(lag.behind).toBe(15);
    lag.reached(500, 20);
    expect(lag.behind).toBe(14);
    lag.reached(1000, 30);
    expect(lag.behind).toBe(0);
    lag.reached(900, 40);
    expect(lag.behind).toBe(0);
  });

  it('keeps few marks of many positions: the oldest, and coarser ones the longer it lasts', () => {
    const lag = new Lag(1000);
    for (let n = 0; n < 100_000; n++) lag.passed(n + 1, n);
    lag.reached(0, 100_000);
    expect(lag.behind).toBe(100_000);
    lag.reached(50_000, 100_000);
    expect(lag.behind).toBeGreaterThan(45_000);
    expect(lag.behind).toBeLessThanOrEqual(50_000);
  });

  it('begins anew with another backup', () => {
    const lag = new Lag(10);
    lag.passed(1, 0);
    lag.reached(0, 1000);
    rests(lag, 2000);
    lag.reset();
    expect([lag.behind, lag.brake(100)]).toEqual([0, 0]);
  });
});

describe('the brake', () => {
  const late = (): Lag => {
    const lag = new Lag(100);
    lag.passed(1, 0);
    lag.reached(0, 101);
    return lag;
  };

  it('does nothing up to the limit', () => {
    const lag = new Lag(100);
    lag.passed(1, 0);
    lag.reached(0, 100);
    expect(rests(lag, 10_000)).toBe(0);
  });

  it('takes little at first, more the longer it lasts, and never all', () => {
    const lag = late();
    const spells = Array.from({ length: 10 }, () => rests(lag, 100));
    for (let n = 1; n < spells.length; n++) expect(spells[n]).toBeGreaterThanOrEqual(spells[n - 1]);
    expect(spells[0]).toBeLessThan(20);
    // Nine tenths of the time, at most.
    expect(rests(lag, 1000)).toBeLessThan(9.1 * 1000);
    expect(rests(lag, 1000)).toBeGreaterThan(8.5 * 1000);
  });

  it('rests for whole milliseconds, never long at once, and owes what is left', () => {
    const lag = late();
    let owed = 0;
    for (let n = 0; n < 2000; n++) {
      const rest = lag.brake(0.1);
      expect(rest === 0 || (rest >= 1 && rest <= 50)).toBe(true);
      owed += rest;
    }
    expect(owed).toBeGreaterThan(0);
    expect(lag.brake(10_000)).toBe(50);
    expect(lag.brake(0)).toBe(50);
  });

  it('lets go as slowly as it has taken hold', () => {
    const lag = late();
    rests(lag, 300);
    lag.reached(1, 200);
    expect(lag.behind).toBe(0);
    const [first, second] = [rests(lag, 150), rests(lag, 150)];
    expect(first).toBeGreaterThan(second);
    expect(second).toBeGreaterThan(0);
    rests(lag, 10);
    expect(rests(lag, 1000)).toBe(0);
  });
});
