/**
 * The disks of a guest that runs in the present: the images that `--disk` names.
 */
import type { Disk } from '../../host/disk.js';
import type { DiskOption } from '../../host/disk-option.js';
import { Failure, STATUS } from '../../host/failure.js';
import type { Disk as RecordedDisk } from '../../log/header.js';
import type { DiskConfiguration } from '../../machine/configuration.js';
import { keepApart } from '../logs/log-file.js';
import type { Words } from '../output/words.js';

/** Other files of a run, by what they are: those that are written, and those that are read. */
export interface OtherFiles {
  readonly written: Readonly<Record<string, string | undefined>>;
  readonly read: Readonly<Record<string, string | undefined>>;
}

export class Disks {
  /** By the slot of the device. */
  readonly open = new Map<number, Disk>();

  /**
   * Opens the images. Throws a Failure where one cannot be had; none is left open then.
   * @param patient whether flushes may take their time
   */
  static async open(options: ReadonlyMap<number, DiskOption>, patient: boolean, others: OtherFiles): Promise<Disks> {
    const disks = new Disks();
    if (options.size === 0) return disks;
    const { Disk } = await import('../../host/disk.js');
    try {
      for (const [slot, option] of options) {
        const { path, mode } = option;
        keepApart({ 'the disk': path, ...others.written, ...(mode === 'rw' && others.read) });
        const disk = Disk.open(option, patient);
        disks.open.set(slot, disk);
        disks.refuseShared(disk);
      }
    } catch (error) {
      await disks.close();
      throw error;
    }
    return disks;
  }

  /** What a machine with these disks is told of them. */
  get configurations(): DiskConfiguration[] {
    return [...this.open].map(
      ([
        slot,
        {
          option: { mode, readOnly },
          file,
        },
      ]) => {
        return { kind: 'block', slot, capacity: file.size, mode, readOnly };
      },
    );
  }

  /** Slots of the disks whose reads a log leaves to the image. */
  get imageReads(): ReadonlySet<number> {
    return new Set([...this.open].flatMap(([slot, { option }]) => (option.logReads ? [] : [slot])));
  }

  /** What a log's header says of them: the digest where a replay needs the image. Throws a Failure. */
  async recorded(): Promise<RecordedDisk[]> {
    const recorded: RecordedDisk[] = [];
    for (const [slot, { option, file }] of this.open) {
      const sha256 = Buffer.from(option.logReads ? '' : await file.sha256(), 'hex');
      recorded.push({ name: option.path, size: file.size, sha256, slot });
    }
    return recorded;
  }

  /** Lets the user know what happens to images. */
  tell(words: Words): void {
    for (const disk of this.open.values()) disk.onNotice = (sentence) => words.notice(sentence);
  }

  /** Says of each image that a replay will need whether it was changed meanwhile. */
  tellChanged(words: Words): void {
    for (const { option, file } of this.open.values()) {
      if (option.logReads || !file.changed) continue;
      words.warn(`${option.path} was changed while it was recorded: the log may not be replayed, use log-reads then.`);
    }
  }

  async close(): Promise<void> {
    for (const disk of this.open.values()) await disk.close();
  }

  /** Throws a Failure where another disk is the same image and one of the two is written to. */
  private refuseShared(disk: Disk): void {
    const { option, file } = disk;
    const other = [...this.open.values()].find((one) => one !== disk && one.file.isSame(file));
    if (other === undefined || (option.mode !== 'rw' && other.option.mode !== 'rw')) return;
    throw new Failure(
      STATUS.usage,
      `${option.path} is the image of two disks, of which one writes to it: name another file, or leave out mode=rw.`,
    );
  }
}
