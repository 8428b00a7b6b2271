/**
 * Failures that a user meets: one sentence that says what is wrong and what to do, and an exit status of sysexits.h.
 * Whatever else is thrown is a defect of vmft itself.
 */

/** Exit statuses of sysexits.h, by name. */
export const STATUS = {
  usage: 64,
  data: 65,
  noInput: 66,
  unavailable: 69,
  software: 70,
  cannotCreate: 73,
  io: 74,
  temporary: 75,
  noPermission: 77,
  config: 78,
} as const;

export type FailureStatus = (typeof STATUS)[keyof typeof STATUS];

export class Failure extends Error {
  /** Exit status of the process, 64 to 78. */
  readonly status: FailureStatus;

  /** `message` is one sentence; `cause` is what DEBUG shows. */
  constructor(status: FailureStatus, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = new.target.name;
    this.status = status;
  }
}

/** The command line cannot be understood. */
export class UsageFailure extends Failure {
  constructor(message: string, cause?: unknown) {
    super(STATUS.usage, message, cause);
  }
}

/** A peer, a port or a service cannot be had. */
export class UnavailableFailure extends Failure {
  constructor(message: string, cause?: unknown) {
    super(STATUS.unavailable, message, cause);
  }
}

/** The reader of a pipe that vmft writes to has gone: a reason to end, quietly. */
export class ClosedPipe extends Failure {
  readonly path: string;

  constructor(path: string, cause?: unknown) {
    super(STATUS.io, `The reader of ${path} has gone.`, cause);
    this.path = path;
  }
}

/** No room is left where `path` is written; what was written before is whole. */
export class DiskFull extends Failure {
  readonly path: string;

  constructor(path: string, cause?: unknown) {
    super(STATUS.io, `No space is left for ${path}: free some, or write it elsewhere.`, cause);
    this.path = path;
  }
}

/** The `code` of an error of the operating system, such as ENOENT; undefined for any other value. */
export function systemCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** What a failed open or read of `path` means to the user. */
export function readFailure(path: string, error: unknown): Failure {
  switch (systemCode(error)) {
    case 'ENOENT':
    case 'ENOTDIR':
      return new Failure(STATUS.noInput, `There is no file ${path}: check the path.`, error);
    case 'EISDIR':
      return new Failure(STATUS.noInput, `${path} is a directory: name a file in it.`, error);
    case 'EACCES':
    case 'EPERM':
      return new Failure(STATUS.noPermission, `${path} may not be read: check its permissions.`, error);
    default:
      return new Failure(STATUS.io, `${path} cannot be read (${reasonOf(error)}).`, error);
  }
}

/** What a failed creation of `path` means to the user. */
export function createFailure(path: string, error: unknown): Failure {
  switch (systemCode(error)) {
    case 'ENOENT':
    case 'ENOTDIR':
      return new Failure(STATUS.cannotCreate, `${path} cannot be created: its directory does not exist.`, error);
    case 'EISDIR':
      return new Failure(STATUS.cannotCreate, `${path} is a directory: name a file in it.`, error);
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new Failure(STATUS.noPermission, `${path} may not be written: check its permissions.`, error);
    case 'ENOSPC':
    case 'EDQUOT':
      return new DiskFull(path, error);
    default:
      return new Failure(STATUS.cannotCreate, `${path} cannot be created (${reasonOf(error)}).`, error);
  }
}

/** What a failed write to `path`, already open, means to the user. */
export function writeFailure(path: string, error: unknown): Failure {
  switch (systemCode(error)) {
    case 'EPIPE':
    case 'ECONNRESET':
      return new ClosedPipe(path, error);
    case 'ENOSPC':
    case 'EDQUOT':
    case 'EFBIG':
      return new DiskFull(path, error);
    default:
      return new Failure(STATUS.io, `${path} cannot be written (${reasonOf(error)}).`, error);
  }
}

/** A short reason for any thrown value: the system's code, else its message. */
export function reasonOf(error: unknown): string {
  const code = systemCode(error);
  if (code !== undefined) return code;
  return typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error);
}
