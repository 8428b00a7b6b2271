import type { Failure } from '../../src/host/failure.js';
import { UsageFailure } from '../../src/host/failure.js';
import { describeAddress, describeMac, parseNet } from '../../src/host/net.js';

describe('--net', () => {
  it('reads datagram links', () => {
    expect(parseNet('dgram:remote=127.0.0.1:5555,local=localhost:5556')).toEqual({
      kind: 'dgram',
      remote: { host: '127.0.0.1', port: 5555 },
      local: { host: 'localhost', port: 5556 },
    });
    const option = parseNet('dgram:local=[::1]:1,mac=52:54:00:AB:cd:01,remote=[fe80::2]:65535');
    expect(option).toMatchObject({ local: { host: '::1', port: 1 }, remote: { host: 'fe80::2', port: 65_535 } });
    expect(describeMac(option.mac ?? new Uint8Array())).toBe('52:54:00:ab:cd:01');
  });

  it('reads stream links', () => {
    expect(parseNet('stream:127.0.0.1:80')).toEqual({
      kind: 'stream',
      listen: false,
      address: { host: '127.0.0.1', port: 80 },
    });
    expect(parseNet('stream:/run/passt.socket')).toEqual({
      kind: 'stream',
      listen: false,
      address: { path: '/run/passt.socket' },
    });
    expect(parseNet('stream:listen:[::]:99')).toEqual({
      kind: 'stream',
      listen: true,
      address: { host: '::', port: 99 },
    });
    expect(parseNet('stream:listen:./s,mac=02:00:00:00:00:01')).toMatchObject({
      listen: true,
      address: { path: './s' },
    });
  });

  it('reads captures', () => {
    expect(parseNet('pcap:a.pcap')).toEqual({ kind: 'pcap', path: 'a.pcap' });
    expect(parseNet('pcap:/tmp/a,b=c:d.pcapng,mac=02:00:00:00:00:07')).toEqual({
      ...{ kind: 'pcap', path: '/tmp/a,b=c:d.pcapng' },
      mac: Uint8Array.of(2, 0, 0, 0, 0, 7),
    });
  });

  it.each([
    ['pcap', /names no file/],
    ['pcap:,mac=02:00:00:00:00:07', /names no file/],
    ['pcap:a,mac=02', /six bytes in hexadecimal/],
    ['', /is not a network/],
    ['tap:foo', /is not a network: use dgram:/],
    ['dgram', /remote= is missing/],
    ['dgram:remote=a:1', /local= is missing/],
    ['dgram:remote=a:1,local=b:0', /a port is a number from 1 to 65535/],
    ['dgram:remote=a:1,local=b:70000', /a port is a number/],
    ['dgram:remote=a:1,local=b:-1', /a port is a number/],
    ['dgram:remote=a:1,local=b', /"b" is not HOST:PORT/],
    ['dgram:remote=a:1,local=::1:5', /"::1:5" is not HOST:PORT/],
    ['dgram:remote=a:1,remote=a:1,local=b:2', /remote is given twice/],
    ['dgram:remote=a:1,local=b:2,colour=red', /"colour" is no setting here/],
    ['dgram:remote=/tmp/a,local=/tmp/b', /UDP only; for a Unix socket use stream/],
    ['stream:', /"" is not HOST:PORT/],
    ['stream:localhost', /"localhost" is not HOST:PORT/],
    ['stream:a:1,mac=52:54:00:12:34', /six bytes in hexadecimal/],
    ['stream:a:1,mac=53:54:00:12:34:56', /even first byte/],
  ])('refuses "%s" with one sentence', (text, message) => {
    let failure: unknown;
    try {
      parseNet(text);
    } catch (error) {
      failure = error;
    }
    expect(failure).toBeInstanceOf(UsageFailure);
    expect((failure as Failure).message).toMatch(message);
    expect((failure as Failure).message).toMatch(/^--net [^\n]*\.$/);
    expect((failure as Failure).status).toBe(64);
  });

  it('writes addresses as they are read', () => {
    for (const text of ['127.0.0.1:5555', '[::1]:5', '/a/b', 'host.example:9']) {
      const option = parseNet(`stream:${text}`);
      expect(option.kind === 'stream' && describeAddress(option.address)).toBe(text);
    }
  });
});
