import { HostClock } from '../../src/host/clock.js';
import { HostEntropy, parseEntropy, SeededEntropy } from '../../src/host/entropy.js';
import {
  ClosedPipe,
  createFailure,
  DiskFull,
  Failure,
  readFailure,
  STATUS,
  UsageFailure,
  writeFailure,
} from '../../src/host/failure.js';

const coded = (code: string): Error => Object.assign(new Error(`${code}: told by the system`), { code });
const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

describe('the clock', () => {
  it('runs at 10 MHz in whole ticks that never fall', async () => {
    const clock = new HostClock();
    const first = clock.now();
    expect(first).toBeLessThan(1_000_000);
    let last = first;
    for (let i = 0; i < 1000; i++) {
      const now = clock.now();
      expect(Number.isInteger(now)).toBe(true);
      expect(now).toBeGreaterThanOrEqual(last);
      last = now;
    }
    await pause(30);
    const passed = clock.now() - last;
    expect(passed).toBeGreaterThan(280_000);
    expect(passed).toBeLessThan(10_000_000);
  });

  it('goes on from a given time, with the calendar it had', () => {
    const clock = new HostClock(5_000_000_000);
    expect(clock.now()).toBeGreaterThanOrEqual(5_000_000_000);
    expect(clock.now()).toBeLessThan(5_010_000_000);
    const wall = clock.wallBase + BigInt(clock.now()) * 100n;
    expect(Math.abs(Number(wall / 1_000_000n) - Date.now())).toBeLessThan(1000);
    expect(new HostClock(7, 42n).wallBase).toBe(42n);
  });
});

describe('entropy', () => {
  it('of a seed is SHA-256 in counter mode, however it is asked for', () => {
    const whole = new SeededEntropy(Buffer.from('00ff', 'hex')).bytes(80);
    // printf '\x00\xff' followed by the counter 0 as u64, | sha256sum
    expect(Buffer.from(whole).toString('hex').slice(0, 64)).toBe(EXPECTED_BLOCK);
    const parts = parseEntropy('seed:00FF');
    const gathered = Buffer.concat([1, 0, 2, 31, 40, 6].map((length) => parts.bytes(length)));
    expect(gathered.equals(whole)).toBe(true);
    expect(Buffer.from(parseEntropy('seed:01').bytes(16)).equals(whole.subarray(0, 16))).toBe(false);
  });

  it('of the host differs each time and has the length asked for', () => {
    const host = parseEntropy('host');
    expect(host).toBeInstanceOf(HostEntropy);
    for (const length of [0, 1, 2, 4095, 4096, 10_000]) expect(host.bytes(length)).toHaveLength(length);
    const draws = new Set(Array.from({ length: 1000 }, () => Buffer.from(host.bytes(16)).toString('hex')));
    expect(draws.size).toBe(1000);
  });

  it.each(['', 'seed:', 'seed:0', 'seed:xy', 'dice', 'seed:00 '])('refuses "%s"', (text) => {
    expect(() => parseEntropy(text)).toThrow(UsageFailure);
  });
});

const EXPECTED_BLOCK = 'b9fe4d6e86a1074da74aa494deef81388292b30bb3dc2c4950bb038bffc1e5ea';

describe('failures', () => {
  it.each([
    ['ENOENT', STATUS.noInput],
    ['EISDIR', STATUS.noInput],
    ['EACCES', STATUS.noPermission],
    ['EIO', STATUS.io],
  ])('reading: %s is status %i', (code, status) => {
    const failure = readFailure('guest.bin', coded(code));
    expect(failure.status).toBe(status);
    expect(failure.message).toMatch(/^[^.]*guest\.bin[^.]*\.$/);
  });

  it.each([
    ['ENOENT', STATUS.cannotCreate],
    ['EISDIR', STATUS.cannotCreate],
    ['EROFS', STATUS.noPermission],
    ['EMFILE', STATUS.cannotCreate],
    ['ENOSPC', STATUS.io],
  ])('creating: %s is status %i', (code, status) => {
    expect(createFailure('out/log.pb', coded(code)).status).toBe(status);
  });

  it('writing tells a closed pipe and a full disk apart', () => {
    expect(writeFailure('log.pb', coded('EPIPE'))).toBeInstanceOf(ClosedPipe);
    expect(writeFailure('log.pb', coded('ENOSPC'))).toBeInstanceOf(DiskFull);
    const other = writeFailure('log.pb', coded('EIO'));
    expect(other).toBeInstanceOf(Failure);
    expect(other).not.toBeInstanceOf(DiskFull);
    expect(other.message).toContain('EIO');
    expect((other.cause as Error).message).toContain('told by the system');
  });
});
