/**
 * How a recording ends: by the guest, by a limit, by a person, by the host; each time with a log that replays to there.
 */
import { World, record, replay } from './replay-rig.js';

describe('a recording ends', () => {
  it('with the guest, and its status', async () => {
    const made = await record('shell', { typed: ['exit 7\n'] });
    expect(made.run).toMatchObject({ reason: 'power-off', status: 7, whole: true });
    expect((await replay(made)).result).toMatchObject({ ended: 'whole', status: 7 });
  });

  it('at a position, with all the console was given', async () => {
    const made = await record('hello', { until: 200 });
    expect(made.run).toMatchObject({ reason: 'until', position: 200, whole: true });
    expect(made.outputs.at(-1)?.position).toBe(200);
    const { result, outputs } = await replay(made);
    expect(result).toMatchObject({ ended: 'whole', position: 200 });
    expect(outputs).toEqual(made.outputs);
  });

  it('when it is told to', async () => {
    const made = await record('sort-small', {
      onStart: (recorder, world) => {
        let turns = 0;
        world.turn = async () => {
          if (++turns !== 10) return;
          recorder.stop('interrupted', 'somebody had enough');
          recorder.stop('time-limit');
        };
      },
    });
    expect(made.run).toMatchObject({ reason: 'interrupted', detail: 'somebody had enough', whole: true });
    expect((await replay(made)).result.end).toMatchObject({ reason: 'interrupted', detail: 'somebody had enough' });
  });

  it('when nothing can wake the guest any more', async () => {
    const made = await record('shell', { typed: ['help\n'] });
    expect(made.run).toMatchObject({ reason: 'interrupted', whole: true });
    expect(made.run.detail).toMatch(/waits for an interrupt/);
    expect((await replay(made)).result.ended).toBe('whole');
  });

  it('on a full disk, and replays up to there', async () => {
    const whole = await record('clock-small', { digestDistance: 5000 });
    for (let n = 1; n <= 10; n++) {
      const sinkLimit = 300 + Math.floor(((whole.log.length - 300) * n) / 11);
      const made = await record('clock-small', { digestDistance: 5000, sinkLimit });
      expect(made.run).toMatchObject({ reason: 'host-error', detail: 'no space left', whole: false });
      expect(made.run.failure).toMatchObject({ message: 'no space left' });
      const { result, outputs } = await replay(made);
      expect(result.ended).toBe('torn');
      // Whatever has left the guest is explained by the log.
      expect(outputs).toEqual(made.outputs);
    }
  });

  it('on a failure of the world, with a whole log up to it', async () => {
    const made = await record('dice', {
      onStart: (_recorder, world) => {
        const emit = World.prototype.emit.bind(world);
        world.emit = (position, output) => {
          if (world.outputs.length === 1) throw new Error('the link is down');
          emit(position, output);
        };
      },
    });
    expect(made.run).toMatchObject({ reason: 'host-error', detail: 'the link is down', whole: true });
    const { result, outputs } = await replay(made);
    expect(result).toMatchObject({ ended: 'whole', position: made.run.position });
    // The output that failed has its entry: the backup would have sent it too.
    expect(outputs.slice(0, 1)).toEqual(made.outputs);
    expect(outputs).toHaveLength(2);
  });
});
