/** PLIC: priorities, thresholds, claim and completion, and the level-sensitive gateway. */
import { Plic } from '../../src/machine/devices/plic.js';

const CLAIM = [0x200004, 0x201004];
const THRESHOLD = [0x200000, 0x201000];
const ENABLE = [0x2000, 0x2080];
const PENDING = 0x1000;

function make(): { plic: Plic; lines: { machine: boolean; supervisor: boolean } } {
  const lines = { machine: false, supervisor: false };
  const plic = new Plic({
    machineInterrupt: (level) => (lines.machine = level),
    supervisorInterrupt: (level) => (lines.supervisor = level),
  });
  return { plic, lines };
}

/** Enables sources for a context, all with priority 1. */
function enable(plic: Plic, context: number, ...sources: number[]): void {
  for (const source of sources) {
    const at = ENABLE[context] + 4 * (source >>> 5);
    plic.write(at, 4, (plic.read(at, 4) | (1 << (source & 31))) >>> 0);
    plic.write(4 * source, 4, 1);
  }
}

it('raises the line of each context that a source is enabled for', () => {
  const { plic, lines } = make();
  enable(plic, 1, 10);
  plic.setSource(10, true);
  expect(lines).toEqual({ machine: false, supervisor: true });
  enable(plic, 0, 10);
  expect(lines).toEqual({ machine: true, supervisor: true });
  expect(plic.read(CLAIM[0], 4)).toBe(10);
  expect(lines).toEqual({ machine: false, supervisor: false });
});

it('keeps a request whose line has fallen: the gateway cannot retract it', () => {
  const { plic, lines } = make();
  enable(plic, 0, 10);
  plic.setSource(10, true);
  plic.setSource(10, false);
  expect(lines.machine).toBe(true);
  expect(plic.read(PENDING, 4)).toBe(1 << 10);
  expect(plic.read(CLAIM[0], 4)).toBe(10);
  plic.write(CLAIM[0], 4, 10);
  expect(lines.machine).toBe(false);
});

it('hands out the highest priority first, and the lowest number among equals', () => {
  const { plic } = make();
  enable(plic, 0, 3, 40, 5, 95);
  plic.write(4 * 40, 4, 7);
  for (const source of [95, 5, 3, 40]) plic.setSource(source, true);
  const claims = Array.from({ length: 5 }, () => plic.read(CLAIM[0], 4));
  expect(claims).toEqual([40, 3, 5, 95, 0]);
});

it('lets a claimed source wait for completion, and raises it again while its level is high', () => {
  const { plic, lines } = make();
  enable(plic, 0, 10);
  plic.setSource(10, true);
  expect(plic.read(CLAIM[0], 4)).toBe(10);
  expect(lines.machine).toBe(false);
  plic.setSource(10, false);
  plic.setSource(10, true);
  expect(lines.machine).toBe(false);
  expect(plic.read(PENDING, 4)).toBe(0);
  plic.write(CLAIM[0], 4, 10);
  expect(lines.machine).toBe(true);
  expect(plic.read(PENDING, 4)).toBe(1 << 10);
  expect(plic.read(CLAIM[0], 4)).toBe(10);
  plic.setSource(10, false);
  plic.write(CLAIM[0], 4, 10);
  expect(lines.machine).toBe(false);
});

it('ignores a completion of a source that is not enabled, not claimed, or does not exist', () => {
  const { plic, lines } = make();
  enable(plic, 0, 10);
  enable(plic, 1, 11);
  plic.setSource(10, true);
  plic.read(CLAIM[0], 4);
  for (const source of [0, 11, 96, 0xffff_ffff]) plic.write(CLAIM[0], 4, source);
  plic.write(CLAIM[1], 4, 10);
  expect(lines.machine).toBe(false);
  plic.write(CLAIM[0], 4, 10);
  expect(lines.machine).toBe(true);
});

it('notifies of nothing at or below the threshold, which a claim does not heed, and of nothing of priority 0', () => {
  const { plic, lines } = make();
  enable(plic, 0, 10);
  plic.setSource(10, true);
  plic.write(THRESHOLD[0], 4, 1);
  expect(lines.machine).toBe(false);
  expect(plic.read(CLAIM[0], 4)).toBe(10);
  plic.write(CLAIM[0], 4, 10);
  expect(lines.machine).toBe(false);
  plic.write(40, 4, 2);
  expect(lines.machine).toBe(true);
  plic.write(THRESHOLD[0], 4, 0);
  plic.write(40, 4, 0);
  expect(lines.machine).toBe(false);
  expect(plic.read(CLAIM[0], 4)).toBe(0);
});

it('keeps three bits of a priority and a threshold, and no source 0', () => {
  const { plic } = make();
  plic.write(4, 4, 0xff);
  plic.write(0, 4, 7);
  plic.write(4 * 96, 4, 7);
  plic.write(THRESHOLD[1], 4, 9);
  plic.write(ENABLE[0], 4, 0xffff_ffff);
  expect([4, 0, 4 * 96, THRESHOLD[1], ENABLE[0]].map((at) => plic.read(at, 4))).toEqual([7, 0, 0, 1, 0xffff_fffe]);
  for (const source of [-1, 0, 96, 1000]) plic.setSource(source, true);
  expect([PENDING, PENDING + 4, PENDING + 8].map((at) => plic.read(at, 4))).toEqual([0, 0, 0]);
});

it('shows pending sources of each word, which cannot be written', () => {
  const { plic } = make();
  plic.setSource(31, true);
  plic.setSource(32, true);
  plic.setSource(95, true);
  for (const at of [0, 4, 8]) plic.write(PENDING + at, 4, 0);
  expect([0, 4, 8].map((at) => plic.read(PENDING + at, 4))).toEqual([0x8000_0000, 1, 0x8000_0000]);
});
