/** Clients of the Debian guest's servers: what a test or a bench asks of redis and nginx, and how long it takes. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { Agent, request, type IncomingMessage } from 'node:http';
import { pause } from './vmft.js';

/** The numbers from 1 on, a line each: what nginx's files are made of (scripts/debian-guest.sh). */
export function numbers(bytes: number): Buffer {
  const text = Buffer.alloc(bytes);
  let at = 0;
  for (let n = 1; at < bytes; n++) at += text.write(`${n}\n`, at, 'latin1');
  return text;
}

export const sha256 = (data: Uint8Array): string => createHash('sha256').update(data).digest('hex');

/** An HTTP request on the loopback; answers status and body. */
export function fetchFrom(
  port: number,
  path: string,
  { agent, upload }: { agent?: Agent; upload?: Uint8Array } = {},
): Promise<{ status: number; body: Buffer }> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, path, method: upload === undefined ? 'GET' : 'PUT', agent };
    const asked = request(options, (answer: IncomingMessage) => {
      const pieces: Buffer[] = [];
      answer.on('data', (piece: Buffer) => pieces.push(piece));
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(pieces) }));
      answer.on('error', reject);
    });
    asked.on('error', reject);
    asked.end(upload);
  });
}

/**
 * The same of a server whose network has just come back: asks again for a minute, since passt resets what reaches it before the
 * guest's link does.
 */
export async function fetchOnceThere(port: number, path: string): ReturnType<typeof fetchFrom> {
  for (const since = Date.now(); ; await pause(250)) {
    try {
      return await fetchFrom(port, path);
    } catch (error) {
      if (Date.now() - since > 60_000) throw error;
    }
  }
}

/** Files of nginx that a client asks for in turn, and how long they are. */
const MIXED: readonly (readonly [path: string, bytes: number])[] = [
  ...Array.from({ length: 7 }, () => ['/1k', 1024] as const),
  ['/10k', 10 * 1024],
  ['/10k', 10 * 1024],
  ['/100k', 100 * 1024],
];

/** Makes `count` HTTP requests of mixed sizes over `clients` connections; throws where an answer is not the file. */
export async function browse(port: number, count: number, clients = 8): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: clients });
  const digests = new Map(MIXED.map(([path, bytes]) => [path, sha256(numbers(bytes))]));
  let next = 0;
  const client = async (): Promise<void> => {
    while (next < count) {
      const [path] = MIXED[next++ % MIXED.length];
      const { status, body } = await fetchFrom(port, path, { agent });
      if (status !== 200 || sha256(body) !== digests.get(path))
        throw new Error(`${path}: ${status}, ${body.length} bytes`);
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  agent.destroy();
}

/** Debian's redis-benchmark: requests a second of SET and of GET. */
export async function redisBenchmark(port: number, count: number, clients = 10): Promise<{ set: number; get: number }> {
  const options = [
    '-p',
    `${port}`,
    '-n',
    `${count}`,
    '-c',
    `${clients}`,
    '-t',
    'set,get',
    '-d',
    '32',
    '-r',
    '1000',
    '--csv',
  ];
  const text = await outputOf('redis-benchmark', options);
  const rate = (name: string): number => Number(new RegExp(`^"${name}","([\\d.]+)"`, 'm').exec(text)?.[1] ?? NaN);
  return { set: rate('SET'), get: rate('GET') };
}

/** What `redis-cli` answers. */
export const redis = async (port: number, ...command: string[]): Promise<string> =>
  (await outputOf('redis-cli', ['-p', `${port}`, ...command])).trim();

function outputOf(command: string, options: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, options, { stdio: ['ignore', 'pipe', 'inherit'] });
    let text = '';
    child.stdout.on('data', (data: Buffer) => (text += data.toString()));
    child.on('error', reject);
    child.on('close', (status) => (status === 0 ? resolve(text) : reject(new Error(`${command}: status ${status}`))));
  });
}
