/** CLINT: comparand, clock and software interrupt, and when it reads the time. */
import { Clint } from '../../src/machine/devices/clint.js';
import { FakeContext } from '../contract/fake-board.js';

const MSIP = 0;
const MTIMECMP = 0x4000;
const MTIME = 0xbff8;

function make(): { context: FakeContext; clint: Clint; lines: { software: boolean; timer: boolean; changes: number } } {
  const context = new FakeContext();
  const lines = { software: false, timer: false, changes: 0 };
  const clint = new Clint(context, {
    softwareInterrupt: (level) => (lines.software = level),
    timerInterrupt: (level) => (lines.timer = level),
    timerChanged: () => lines.changes++,
  });
  return { context, clint, lines };
}

describe('the timer', () => {
  it('is quiet after reset', () => {
    const { clint, lines } = make();
    expect(clint.deadline()).toBe(Infinity);
    expect(clint.read64(MTIMECMP)).toBe(0xffff_ffff_ffff_ffffn);
    clint.tick(2 ** 52);
    expect(lines.timer).toBe(false);
  });

  it('fires at the tick that reaches the comparand, not at the one before', () => {
    const { context, clint, lines } = make();
    context.now = 1000;
    clint.write64(MTIMECMP, 1500n);
    expect(clint.deadline()).toBe(1500);
    expect(lines).toEqual({ software: false, timer: false, changes: 1 });
    clint.tick(1499);
    expect(lines.timer).toBe(false);
    clint.tick(1500);
    expect(lines.timer).toBe(true);
    expect(clint.deadline()).toBe(Infinity);
  });

  it('fires at once for a comparand that has passed, and falls silent for a later one', () => {
    const { context, clint, lines } = make();
    context.now = 1000;
    clint.write64(MTIMECMP, 1000n);
    expect(lines.timer).toBe(true);
    clint.write64(MTIMECMP, 1001n);
    expect(lines.timer).toBe(false);
    expect(clint.deadline()).toBe(1001);
  });

  it('reads the time once for each write of the comparand, and never on a tick', () => {
    const { context, clint } = make();
    clint.write(MTIMECMP, 4, 10);
    clint.write(MTIMECMP + 4, 4, 0);
    expect(context.timeReads).toBe(2);
    clint.write64(MTIMECMP, 77n);
    expect(context.timeReads).toBe(3);
    clint.tick(100);
    expect(context.timeReads).toBe(3);
    expect(clint.read(MTIMECMP, 4)).toBe(77);
    expect(context.timeReads).toBe(3);
  });

  it('takes the comparand in halves, in either order', () => {
    const { clint } = make();
    clint.write(MTIMECMP + 4, 4, 1);
    clint.write(MTIMECMP, 4, 0xffff_fff0);
    expect(clint.read64(MTIMECMP)).toBe(0x1_ffff_fff0n);
    expect(clint.deadline()).toBe(0x1_ffff_fff0);
    expect([clint.read(MTIMECMP, 4), clint.read(MTIMECMP + 4, 4)]).toEqual([0xffff_fff0, 1]);
  });

  it('has no deadline that a number cannot hold', () => {
    const { clint } = make();
    clint.write64(MTIMECMP, 1n << 60n);
    expect(clint.deadline()).toBe(Infinity);
  });
});

describe('mtime', () => {
  it('is guest time', () => {
    const { context, clint } = make();
    context.now = 0x12_3456_789a;
    expect(clint.read64(MTIME)).toBe(0x12_3456_789an);
    expect(clint.read(MTIME, 4)).toBe(0x3456_789a);
    expect(clint.read(MTIME + 4, 4)).toBe(0x12);
  });

  it('goes on from what is written to it, and moves the deadline along', () => {
    const { context, clint, lines } = make();
    context.now = 5000;
    clint.write64(MTIMECMP, 6000n);
    clint.write64(MTIME, 100n);
    expect(clint.read64(MTIME)).toBe(100n);
    expect(clint.deadline()).toBe(5000 + 5900);
    context.now = 5010;
    expect(clint.read64(MTIME)).toBe(110n);
    clint.write64(MTIME, 6000n);
    expect(lines.timer).toBe(true);
    clint.write(MTIME, 4, 0);
    expect(lines.timer).toBe(false);
    clint.write(MTIME + 4, 4, 7);
    expect(clint.read64(MTIME)).toBe(7n << 32n);
    expect(lines.timer).toBe(true);
  });
});

it('shows and drives the software interrupt in bit 0 of msip', () => {
  const { clint, lines } = make();
  clint.write(MSIP, 4, 0xffff_ffff);
  expect(lines.software).toBe(true);
  expect(clint.read(MSIP, 4)).toBe(1);
  clint.write(MSIP, 4, 2);
  expect(lines.software).toBe(false);
  clint.write64(MSIP, 1n);
  expect(lines.software).toBe(true);
});
