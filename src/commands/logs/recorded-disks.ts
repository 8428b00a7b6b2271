/**
 * The images that a replay needs: where a log leaves to an image what was read from a disk, the image must be the one that
 * was recorded.
 */
import { DiskFile } from '../../host/disk-file.js';
import { Failure, readFailure, STATUS } from '../../host/failure.js';
import type { Disk, Header } from '../../log/header.js';
import { hex } from '../../log/text.js';
import type { DiskImage, DiskImages } from '../../replay/disk-image.js';

class RecordedImage implements DiskImage {
  constructor(private readonly file: DiskFile) {}

  read(offset: number, length: number): Uint8Array {
    try {
      return this.file.read(offset, length);
    } catch (error) {
      throw readFailure(this.file.path, error);
    }
  }
}

/** Files that were named for disks, each hashed once. */
export class DiskFiles {
  private readonly files = new Map<string, Promise<{ file: DiskFile; digest: string }>>();

  /** @param paths what `--disk` names */
  constructor(private readonly paths: readonly string[]) {}

  /**
   * The images of the disks of a log that needs them: of each the one of the named files that has its digest, else the
   * file of the name that the log has. Throws a Failure.
   */
  async imagesOf(log: string, { disks }: Header): Promise<DiskImages> {
    const needed = disks.filter(({ sha256 }) => sha256.length > 0);
    const images = new Map<number, DiskImage>();
    for (const [index, disk] of needed.entries()) images.set(disk.slot, await this.imageOf(log, disk, index));
    return images;
  }

  /** Throws a Failure where files were named and none of these logs needs an image. */
  refuseNeedless(headers: readonly Header[]): void {
    if (this.paths.length === 0 || headers.some(({ disks }) => disks.some(({ sha256 }) => sha256.length > 0))) return;
    throw new Failure(STATUS.usage, 'No image of a disk is needed: leave out --disk.');
  }

  async close(): Promise<void> {
    for (const opened of this.files.values()) await opened.then(({ file }) => file.close()).catch(() => undefined);
    this.files.clear();
  }

  private async imageOf(log: string, disk: Disk, index: number): Promise<DiskImage> {
    const expected = hex(disk.sha256);
    const candidates = this.paths.length > 0 ? this.paths : [disk.name];
    for (const path of candidates) {
      const { file, digest } = await this.opened(path, log, disk);
      if (digest === expected) return new RecordedImage(file);
    }
    const path = candidates[index] ?? candidates[0] ?? disk.name;
    const { digest } = await this.opened(path, log, disk);
    throw new Failure(
      STATUS.data,
      `${path} is not the disk image that ${log} was recorded with: its SHA-256 is ${digest}, the log has ${expected}.`,
    );
  }

  private opened(path: string, log: string, disk: Disk): Promise<{ file: DiskFile; digest: string }> {
    let opening = this.files.get(path);
    if (opening === undefined) this.files.set(path, (opening = hashed(path)));
    return opening.catch((error: unknown) => {
      const missing = error instanceof Failure && error.status === STATUS.noInput && path === disk.name;
      if (!missing || this.paths.length > 0) throw error;
      const advice = `name it with --disk (SHA-256 ${hex(disk.sha256)})`;
      throw new Failure(
        STATUS.noInput,
        `${log} needs the disk image ${disk.name}, which is not there: ${advice}.`,
        error,
      );
    });
  }
}

async function hashed(path: string): Promise<{ file: DiskFile; digest: string }> {
  const file = DiskFile.open(path);
  try {
    return { file, digest: await file.sha256() };
  } catch (error) {
    file.close();
    throw error;
  }
}
