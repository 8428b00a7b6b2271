/**
 * One run of the drill: a primary and a backup as processes, the primary killed when the backup has a certain entry, and
 * what was seen outside held against the execution that the backup's log has.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';

import { milliseconds } from '../../host/clock.js';
import { LogFeed } from '../../replay/feed.js';
import type { Hash } from '../../replay/hash.js';
import { Logged } from '../../replay/logged.js';
import { Replayer } from '../../replay/replayer.js';
import { DirtyPages } from '../../replay/dirty-pages.js';
import { StateDigest } from '../../replay/digest.js';
import { buildMachine } from '../guests/machine.js';
import { configurationOf } from '../logs/log-header.js';
import { openLog } from '../logs/log-source.js';
import { DiskFiles } from '../logs/recorded-disks.js';
import { recordedGuest } from '../logs/recorded-guest.js';
import { consoleFault, Execution, imageFault } from './outside.js';
import { Relay } from './relay.js';

export interface DrillGuest {
  /** The executable, and the guest with its options but for disks. */
  readonly executable: string;
  readonly guest: readonly string[];
  /** Images and the options behind their names; those that are written to are copied for each run. */
  readonly disks: readonly { readonly path: string; readonly options: string; readonly written: boolean }[];
  readonly hash: Hash;
  /** Milliseconds after which a run has failed. */
  readonly limit: number;
}

/** When the primary dies: at an entry, before the outputs that it lets go have left or after. */
export interface Kill {
  readonly entry: number;
  readonly outputs: 'held' | 'left';
}

export interface DrillResult {
  /** `alone`: the guest ended before the entry came. */
  readonly outcome: 'live' | 'alone';
  readonly entries: number;
  /** What is wrong; undefined where nothing is. */
  readonly fault: string | undefined;
  /** Milliseconds from the kill to going live, where the backup has told. */
  readonly failover: number | undefined;
}

/** The dead are told by their closed channel: a side that only waits for a core must not count as one. */
const SILENCE = ['--timeout', '60s'];
/** Milliseconds that an acknowledgement and the outputs behind it take, with room. */
const LEAVING = 10;

/** A child whose console is kept. */
class Child {
  readonly chunks: Buffer[] = [];
  words = '';
  readonly process: ChildProcess;
  readonly ended: Promise<number>;

  constructor(executable: string, args: readonly string[]) {
    this.process = spawn(process.execPath, [executable, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    this.process.stdout?.on('data', (data: Buffer) => this.chunks.push(data));
    this.process.stderr?.on('data', (data: Buffer) => (this.words += data.toString()));
    this.ended = new Promise((resolve) => {
      this.process.on('close', (status, signal) => resolve(status ?? 128 + (signal ? constants.signals[signal] : 0)));
    });
  }

  get console(): Buffer {
    return Buffer.concat(this.chunks);
  }

  /** The last of its sentences. */
  get sentence(): string {
    return this.words.trimEnd().split('\n').at(-1) ?? '';
  }
}

export async function drillRun(guest: DrillGuest, kill: Kill | undefined): Promise<DrillResult> {
  const folder = mkdtempSync(join(tmpdir(), 'vmft-drill-'));
  try {
    return await new DrillRun(guest, folder).run(kill);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

class DrillRun {
  private readonly log: string;
  private readonly images: readonly string[];

  constructor(
    private readonly drill: DrillGuest,
    private readonly folder: string,
  ) {
    this.log = join(folder, 'log.pb');
    this.images = drill.disks.map(({ path, written }, i) => (written ? join(folder, `disk${i}`) : path));
  }

  async run(kill: Kill | undefined): Promise<DrillResult> {
    const { drill, folder, log, images } = this;
    const { executable, guest, disks, limit } = drill;
    disks.forEach(({ path, written }, i) => written && copyFileSync(path, images[i]));
    const [direct, relayed, next] = ['primary', 'backup', 'next'].map((name) => join(folder, name));
    const options = disks.flatMap(({ options: behind }, i) => ['--disk', `${images[i]}${behind}`]);
    const primary = new Child(executable, ['primary', ...guest, ...options, '--listen', direct, '--wait', ...SILENCE]);
    const relay = await Relay.open(relayed, direct);
    const backup = new Child(executable, ['backup', '--connect', relayed, '--listen', next, '-o', log, ...SILENCE]);
    let killed = -1;
    relay.onEntries = () => {
      if (kill === undefined || killed >= 0 || relay.entries < kill.entry) return;
      killed = milliseconds();
      relay.cut = true;
      if (kill.outputs === 'left') setTimeout(() => primary.process.kill('SIGKILL'), LEAVING);
      else {
        relay.acknowledging = false;
        primary.process.kill('SIGKILL');
      }
    };
    const timer = setTimeout(() => [primary, backup].forEach((child) => child.process.kill('SIGKILL')), limit);
    const [, status] = await Promise.all([primary.ended, backup.ended]);
    clearTimeout(timer);
    await relay.close();
    const live = /Live at position .* after (\d+) ms/.exec(backup.words);
    const failover = live === null ? undefined : Number(live[1]);
    const fault = await this.fault(primary, backup, status);
    return { outcome: live === null ? 'alone' : 'live', entries: relay.entries, fault, failover };
  }

  private async fault(primary: Child, backup: Child, status: number): Promise<string | undefined> {
    const { drill, images, log } = this;
    const trouble = `the backup ended with status ${status}: ${backup.sentence}`;
    let replayed: { readonly execution: Execution; readonly status: number; readonly slots: readonly number[] };
    try {
      replayed = await replay(log, drill);
    } catch (error) {
      return `the log cannot be replayed (${String(error)}); ${trouble}`;
    }
    const { execution, slots } = replayed;
    if (status !== Math.min(replayed.status, 255)) return trouble;
    const seen = consoleFault(execution.console, primary.console, backup.console);
    if (seen !== undefined) return seen;
    for (const [i, { path, written }] of drill.disks.entries()) {
      if (!written) continue;
      const fault = imageFault(execution.image(slots[i], readFileSync(path)), readFileSync(images[i]));
      if (fault !== undefined) return `${path}: ${fault}`;
    }
    return undefined;
  }
}

/** Rebuilds the execution that a whole log has. Throws where it has none. */
async function replay(
  path: string,
  { hash, disks }: DrillGuest,
): Promise<{ execution: Execution; status: number; slots: readonly number[] }> {
  const { source, reader, header } = await openLog(path);
  const files = new DiskFiles(disks.flatMap(({ path: image, written }) => (written ? [] : [image])));
  try {
    const configuration = configurationOf(path, header);
    const execution = new Execution();
    const images = await files.imagesOf(path, header);
    const logged = new Logged(hash, (_position, output) => execution.add(output), images);
    const machine = buildMachine(recordedGuest(path, header, []), configuration, logged);
    const digest = new StateDigest(machine, new DirtyPages(machine).consumer(), hash);
    const { ended, status } = await new Replayer(machine, new LogFeed(logged, reader), digest).run();
    if (ended !== 'whole') throw new Error('it has no end');
    const slots = configuration.devices.flatMap((device) => (device.kind === 'block' ? [device.slot] : []));
    return { execution, status, slots };
  } finally {
    await source.close();
    await files.close();
  }
}
