/**
 * Where a campaign is: a bar on a terminal, elsewhere a line now and then.
 */
import cliProgress from 'cli-progress';

const { SingleBar } = cliProgress;

/** Milliseconds between two lines. */
const INTERVAL = 10_000;

export interface CampaignProgress {
  /** A scenario starts, of which `done` of `total` cases are done. */
  start(scenario: string, total: number, done: number): void;
  /** One more is done; `failed` of all so far have failed. */
  step(failed: number): void;
  stop(): void;
}

export function progressOn(stream: NodeJS.WriteStream): CampaignProgress {
  return stream.isTTY ? new Bar(stream) : new Lines(stream);
}

class Bar implements CampaignProgress {
  private readonly bar: InstanceType<typeof SingleBar>;

  constructor(stream: NodeJS.WriteStream) {
    this.bar = new SingleBar({
      stream,
      format: '{scenario} [{bar}] {value} of {total}, {failed} failed, {eta_formatted} left',
      hideCursor: true,
      clearOnComplete: true,
      gracefulExit: false,
    });
  }

  start(scenario: string, total: number, done: number): void {
    this.bar.start(total, done, { scenario: scenario.padEnd(10), failed: 0 });
  }

  step(failed: number): void {
    this.bar.increment(1, { failed });
  }

  stop(): void {
    this.bar.stop();
  }
}

class Lines implements CampaignProgress {
  private scenario = '';
  private total = 0;
  private done = 0;
  private failed = 0;
  private told = 0;

  constructor(private readonly stream: NodeJS.WriteStream) {}

  start(scenario: string, total: number, done: number): void {
    Object.assign(this, { scenario, total, done, failed: 0, told: performance.now() });
  }

  step(failed: number): void {
    this.done++;
    this.failed = failed;
    if (performance.now() - this.told >= INTERVAL) this.tell();
  }

  stop(): void {
    this.tell();
  }

  private tell(): void {
    this.told = performance.now();
    this.stream.write(`${this.scenario}: ${this.done} of ${this.total}, ${this.failed} failed\n`);
  }
}
