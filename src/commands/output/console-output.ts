/**
 * The stream that carries the guest's console, and what went wrong with it: a reader that goes away ends the command
 * quietly, anything else is a failure.
 */
import { ClosedPipe, writeFailure, type Failure } from '../../host/failure.js';

export class ConsoleOutput {
  private error: unknown;

  constructor(readonly stream: NodeJS.WriteStream) {
    // oclif's own listener would end the process with a stack trace.
    stream.removeAllListeners('error');
    stream.on('error', (error: unknown) => {
      this.error ??= error;
    });
  }

  /** Throws a Failure where writing failed for another reason than a reader that has gone. */
  check(): void {
    const failure = this.failure();
    if (failure !== undefined && !(failure instanceof ClosedPipe)) throw failure;
  }

  private failure(): Failure | undefined {
    const name = this.stream === process.stdout ? 'the standard output' : 'the standard error output';
    return this.error === undefined ? undefined : writeFailure(name, this.error);
  }
}
