import { mkdirSync } from 'node:fs';

import { openArbiter, parseArbiter } from '../../src/host/arbiter-option.js';
import { Failure, UsageFailure } from '../../src/host/failure.js';
import { workFolder } from '../support/vmft.js';

const work = workFolder();
afterAll(() => work.remove());

describe('--arbiter', () => {
  it('reads directories', () => {
    expect(parseArbiter('file:/mnt/shared')).toEqual({ kind: 'file', directory: '/mnt/shared' });
    expect(parseArbiter('file:a,b:c d')).toEqual({ kind: 'file', directory: 'a,b:c d' });
  });

  it('reads servers', () => {
    expect(parseArbiter('etcd:http://127.0.0.1:2379')).toEqual({ kind: 'etcd', urls: ['http://127.0.0.1:2379'] });
    expect(parseArbiter('etcd:https://one/etcd/,http://[::1]:1/')).toEqual({
      kind: 'etcd',
      urls: ['https://one/etcd', 'http://[::1]:1'],
    });
  });

  it.each([
    ['', / is not an arbiter: use file:DIR or etcd:URL\[,URL\]\.$/],
    ['/mnt/shared', /is not an arbiter: use file:DIR/],
    ['nfs:/mnt', /is not an arbiter/],
    ['file', /is not an arbiter/],
    ['file:', /: the directory is missing: use /],
    ['file:a\0b', /zero byte/],
    ['etcd:', /"" is not an http:\/\/ or https:\/\/ URL: use /],
    ['etcd:127.0.0.1:2379', /"127\.0\.0\.1:2379" is not an http/],
    ['etcd:http:one', /"http:one" is not an http/],
    ['etcd:http://', /"http:\/\/" is not an http/],
    ['etcd:http://one,', /"" is not an http/],
    ['etcd:http://one:99999', /is not an http/],
    ['etcd:ftp://one', /is not an http/],
    ['etcd:http://root:word@one', /: etcd is asked without a password: use /],
    ['etcd:http://one/?x=1', /has more than a server and a path/],
  ])('refuses %j', (text, sentence) => {
    expect(() => parseArbiter(text)).toThrow(UsageFailure);
    expect(() => parseArbiter(text)).toThrow(sentence);
  });

  it('opens what it names', async () => {
    mkdirSync(work.path('there'));
    const names = [`file:${work.path('there')}`, 'etcd:http://one,http://two'];
    for (const name of names) {
      const arbiter = openArbiter(parseArbiter(name));
      expect(arbiter.name).toBe(name);
      await arbiter.close();
    }
    expect(() => openArbiter(parseArbiter(`file:${work.path('missing')}`))).toThrow(Failure);
  });
});
