/** The goldfish clock: latched reads, setting, and the alarm. */
import { GoldfishRtc } from '../../src/machine/devices/rtc.js';
import { FakeContext } from '../contract/fake-board.js';

const BASE = 1_700_000_000_123_456_789n;
const [LOW, HIGH, ALARM_LOW, ALARM_HIGH, ENABLED, CLEAR_ALARM, STATUS, CLEAR_INTERRUPT] = [0, 4, 8, 12, 16, 20, 24, 28];

function make(): { context: FakeContext; rtc: GoldfishRtc; now(): bigint; setAlarm(at: bigint): void } {
  const context = new FakeContext();
  const rtc = new GoldfishRtc(context, BASE, { timerChanged: () => context.events.push('timer') });
  const now = (): bigint => BigInt(rtc.read(LOW, 4)) | (BigInt(rtc.read(HIGH, 4)) << 32n);
  const setAlarm = (at: bigint): void => {
    rtc.write(ALARM_HIGH, 4, Number(at >> 32n));
    rtc.write(ALARM_LOW, 4, Number(at & 0xffff_ffffn));
  };
  return { context, rtc, now, setAlarm };
}

it('counts nanoseconds from its base by guest time, a hundred a tick', () => {
  const { context, now } = make();
  expect(now()).toBe(BASE);
  context.now = 12345;
  expect(now()).toBe(BASE + 1_234_500n);
});

it('latches the high word when the low one is read, with one time read', () => {
  const { context, rtc } = make();
  rtc.read(LOW, 4);
  context.now = 2 ** 40;
  expect(rtc.read(HIGH, 4)).toBe(Number(BASE >> 32n));
  expect(context.timeReads).toBe(1);
});

it('goes on from what is written', () => {
  const { context, rtc, now } = make();
  rtc.write(HIGH, 4, 5);
  rtc.write(LOW, 4, 1000);
  expect(now()).toBe((5n << 32n) + 1000n);
  context.now = 10;
  expect(now()).toBe((5n << 32n) + 2000n);
});

describe('the alarm', () => {
  it('is due at the first tick that is not before it', () => {
    const { context, rtc, setAlarm } = make();
    rtc.write(ENABLED, 4, 1);
    setAlarm(BASE + 1001n);
    expect(rtc.deadline()).toBe(11);
    expect(rtc.read(STATUS, 4)).toBe(1);
    expect(context.events).toContain('timer');
    rtc.tick(10);
    expect(context.level).toBe(false);
    rtc.tick(11);
    expect(context.level).toBe(true);
    expect([rtc.deadline(), rtc.read(STATUS, 4)]).toEqual([Infinity, 0]);
    rtc.write(CLEAR_INTERRUPT, 4, 1);
    expect(context.level).toBe(false);
  });

  it('rings at once where it lies in the past, and stays silent until interrupts are enabled', () => {
    const { context, rtc, setAlarm } = make();
    setAlarm(BASE);
    expect(context.level).toBe(false);
    rtc.write(ENABLED, 4, 1);
    expect(context.level).toBe(true);
  });

  it('can be cleared, and moves when the clock is set', () => {
    const { context, rtc, setAlarm } = make();
    setAlarm(BASE + 1_000_000n);
    rtc.write(LOW, 4, Number((BASE + 500_000n) & 0xffff_ffffn));
    expect(rtc.deadline()).toBe(5000);
    rtc.write(CLEAR_ALARM, 4, 1);
    expect([rtc.deadline(), rtc.read(STATUS, 4)]).toEqual([Infinity, 0]);
    rtc.tick(10_000);
    expect(context.level).toBe(false);
  });

  it('is armed but has no deadline in a far future', () => {
    const { rtc, setAlarm } = make();
    setAlarm(0xffff_ffff_ffff_ffffn);
    expect([rtc.deadline(), rtc.read(STATUS, 4)]).toEqual([Infinity, 1]);
  });
});
