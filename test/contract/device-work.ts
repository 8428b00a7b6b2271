/** Random, repeatable work on a device: by its driver, by a guest that writes nonsense, and by the world outside. */
import type { Width } from '../../src/machine/device.js';
import type { Guest, Rig, RigKind } from './device-rigs.js';
import { restore, save } from './fake-board.js';
import type { Dice } from './fake-board.js';

export const WIDTHS: readonly Width[] = [1, 2, 4, 8];

const asUint = BigInt.asUintN;
const toBigint = BigInt;

/** The device of a rig as its driver sees it. */
export function guestOf({ device, context }: Rig): Guest {
  return {
    registers: { queues: device.queues ?? [], write: (offset, size, value) => device.write(offset, size, value) },
    memory: context.memory,
  };
}

/** A read as the bus makes it. */
export function readAt({ device }: Rig, offset: number, size: Width): number | bigint {
  if (size !== 8) return device.read(offset, size);
  if (device.read64) return device.read64(offset);
  return toBigint(device.read(offset, 4)) | (toBigint(device.read(offset + 4, 4)) << 32n);
}

/** A write as the bus makes it; `value` is cut to the size. */
export function writeAt({ device }: Rig, offset: number, size: Width, value: number): void {
  if (size !== 8) return device.write(offset, size, value % 2 ** (8 * size));
  const wide = asUint(64, toBigint(value) * 0x1_0000_0001n);
  if (device.write64) return device.write64(offset, wide);
  device.write(offset, 4, value);
  device.write(offset + 4, 4, value);
}

/** One access of a guest; the answer of a read is part of what must repeat. */
export function poke(rig: Rig, kind: RigKind, dice: Dice): string {
  const offset = dice.pick(kind.registers);
  const size = dice.roll(8) === 0 ? dice.pick(WIDTHS) : (kind.width ?? 4);
  if (dice.roll(2) === 0) return `${offset} is ${readAt(rig, offset, size)}`;
  const value = dice.roll(3) === 0 ? dice.word() : dice.pick(kind.values);
  writeAt(rig, offset, size, value);
  return '';
}

/** One step; a driver that starts does so at the first of 40, for random writes soon take a device down. */
export function step(rig: Rig, kind: RigKind, dice: Dice, number: number): string {
  const { begin, act } = kind;
  if (begin !== undefined && number % 40 === 0) begin(guestOf(rig));
  const choice = dice.roll(act === undefined ? 3 : 8);
  if (choice === 0) rig.outside(dice);
  else if (act !== undefined && choice < 6) act(guestOf(rig), dice);
  else return poke(rig, kind, dice);
  return '';
}

/** Steps `from` to `to`; answers all that was to be seen of them: answers, outputs, lines. */
export function work(rig: Rig, kind: RigKind, dice: Dice, to: number, from = 0): string[] {
  const transcript: string[] = [];
  for (let number = from; number < to; number++) transcript.push(step(rig, kind, dice, number));
  return transcript.concat(rig.context.events);
}

/** The same device once more, built anew and given the state of the first, on the same board. */
export function moved(rig: Rig, kind: RigKind): Rig {
  const other = kind.make(rig.context);
  restore(other.device, save(rig.device));
  return other;
}
