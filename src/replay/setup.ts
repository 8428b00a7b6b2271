/**
 * What two logs say of the machines they were recorded on: the differences between two headers, in words.
 */
import type { Header, Image } from '../log/header.js';
import { hex } from '../log/text.js';

export interface SetupDifference {
  /** `memory`, `kernel`, `rng-seed`, ... */
  readonly what: string;
  readonly values: readonly [string, string];
  /**
   * Whether it is one that two recordings of the same guest always have: their states are compared without the bytes
   * that it is the cause of.
   */
  readonly usual: boolean;
}

/** The differences between two headers that make a difference to the guest. */
export function setupDifferences(a: Header, b: Header): SetupDifference[] {
  const differences: SetupDifference[] = [];
  const compare = (what: string, left: string, right: string, usual = false): void => {
    if (left !== right) differences.push({ what, values: [left, right], usual });
  };
  for (const role of ['kernel', 'firmware', 'initrd'] as const) {
    compare(role, imagesText(a.images, role), imagesText(b.images, role));
  }
  compare('memory', `${a.machine.memory} bytes`, `${b.machine.memory} bytes`);
  compare('clock', a.machine.clock, b.machine.clock);
  compare('devices', devicesText(a), devicesText(b));
  compare('command line', `"${a.machine.commandLine}"`, `"${b.machine.commandLine}"`);
  compare('machine version', String(a.machine.behaviour), String(b.machine.behaviour));
  compare('disks', disksText(a, b), disksText(b, a));
  compare('rng-seed', hex(a.rngSeed), hex(b.rngSeed), true);
  compare('wall clock', `${a.wallClock} ns`, `${b.wallClock} ns`, true);
  return differences;
}

/** Images count by their content. */
function imagesText(images: readonly Image[], role: Image['role']): string {
  const texts = images.filter((image) => image.role === role).map(({ sha256 }) => `sha256 ${hex(sha256)}`);
  return texts.join(', ') || 'none';
}

function devicesText({ machine }: Header): string {
  const texts = machine.devices.map(({ kind, slot, mac, readOnly }) => {
    return `${kind}${readOnly ? ' (read only)' : ''} in slot ${slot}${mac ? ` (${hex(mac)})` : ''}`;
  });
  return texts.join(', ') || 'none';
}

/** Disks count by their content, where both logs name it. */
function disksText({ disks }: Header, other: Header): string {
  const texts = disks.map(({ slot, size, sha256 }, i) => {
    const named = sha256.length > 0 && (other.disks[i]?.sha256.length ?? 0) > 0;
    return `slot ${slot}: ${size} bytes${named ? `, sha256 ${hex(sha256)}` : ''}`;
  });
  return texts.join('; ') || 'none';
}
