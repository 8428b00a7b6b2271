// What can be wrong with a log, each as one sentence for people and a byte offset for tools.

/** Something that is wrong with a log's bytes. */
export abstract class LogError extends Error {
  /** @param offset the byte offset in the log that the message speaks of */
  constructor(
    message: string,
    readonly offset: number,
  ) {
    super(message);
    this.name = new.target.name;
  }
}

/** These bytes are no log, or end before there is anything to replay. */
export class LogFormat extends LogError {
  /** @param alien whether they are no log at all, not even the start of one */
  constructor(
    message: string,
    offset: number,
    readonly alien = false,
  ) {
    super(message, offset);
  }
}

/** A log of a later major version than this program reads. */
export class LogVersion extends LogError {
  constructor(
    readonly major: number,
    known: number,
  ) {
    super(
      `the log has format version ${major}, this vmft reads version ${known} and stops at byte 0: use a later vmft`,
      0,
    );
  }
}

/** Bytes of a log that are not what was written. Nothing from `offset` to the next seal was handed out. */
export class LogDamage extends LogError {
  /**
   * @param offset the damaged byte, or the first byte of the range that it lies in
   * @param end the end of that range; `offset + 1` where the byte is known exactly
   */
  constructor(
    offset: number,
    readonly end: number,
    reason: string,
  ) {
    super(
      end === offset + 1
        ? `the log is damaged at byte ${offset}: ${reason}`
        : `the log is damaged between byte ${offset} and byte ${end}: ${reason}`,
      offset,
    );
  }

  /** Whether the damaged byte itself is known, not only the range it lies in. */
  get exact(): boolean {
    return this.end === this.offset + 1;
  }
}

/** Thrown by decoders at a byte that no valid record has there; the reader turns it into LogDamage. */
export class MalformedRecord extends Error {
  /** @param at index into the bytes that were being decoded */
  constructor(
    message: string,
    readonly at: number,
  ) {
    super(message);
    this.name = 'MalformedRecord';
  }
}
