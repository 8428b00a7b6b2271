/**
 * The `--net` option: which link carries a network device's frames, and the device's MAC address.
 */
import { isIP } from 'node:net';
import * as z from 'zod';

import { UsageFailure } from './failure.js';

/** A host name or numeric address, and a port. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** Where a stream leads to: TCP or a Unix socket. */
export type StreamAddress = Endpoint | { readonly path: string };

interface DeviceOption {
  /** Six bytes; the device's default where absent. */
  readonly mac?: Uint8Array;
}

/** A link to the outside. */
export type LinkOption = DeviceOption &
  (
    | { readonly kind: 'dgram'; readonly local: Endpoint; readonly remote: Endpoint }
    | { readonly kind: 'stream'; readonly address: StreamAddress; readonly listen: boolean }
  );

/** A capture that is played into the guest. */
export type CaptureOption = DeviceOption & { readonly kind: 'pcap'; readonly path: string };

export type NetOption = LinkOption | CaptureOption;

const FORMS =
  'dgram:remote=HOST:PORT,local=HOST:PORT, stream:HOST:PORT, stream:/PATH, stream:listen:HOST:PORT, stream:listen:/PATH or pcap:FILE, each with ,mac=52:54:00:12:34:56 where wanted';

const port = z
  .string()
  .regex(/^\d{1,5}$/, 'a port is a number from 1 to 65535')
  .transform(Number)
  .refine((value) => value >= 1 && value <= 65_535, 'a port is a number from 1 to 65535');

const endpoint = z.string().transform((text, context): Endpoint => {
  const parts = /^(?:\[([^\]]+)\]|([^:[\]]*)):([^:]*)$/.exec(text);
  const host = parts?.[1] ?? parts?.[2];
  if (parts === null || host === undefined || host === '' || (parts[1] !== undefined && isIP(host) !== 6)) {
    context.addIssue({ code: 'custom', message: `"${text}" is not HOST:PORT` });
    return z.NEVER;
  }
  const number = port.safeParse(parts[3]);
  if (!number.success) {
    context.addIssue({ code: 'custom', message: number.error.issues[0]?.message ?? 'a port is wrong' });
    return z.NEVER;
  }
  return { host, port: number.data };
});

const mac = z
  .string()
  .regex(/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i, 'a MAC address is six bytes in hexadecimal, as 52:54:00:12:34:56')
  .transform((text) => Uint8Array.from(text.split(':'), (byte) => parseInt(byte, 16)))
  .refine((bytes) => ((bytes[0] ?? 0) & 1) === 0, 'a MAC address of a device has an even first byte');

const dgram = z.strictObject({
  remote: endpoint,
  local: endpoint,
  mac: mac.optional(),
});

const onlyMac = z.strictObject({ mac: mac.optional() });

/** Reads one `--net` value. Throws UsageFailure with one sentence that says what is wrong. */
export function parseNet(text: string): NetOption {
  const [kind, rest] = splitOnce(text, ':');
  if (kind === 'dgram') {
    if (/^(unix|local\.path|remote\.path)|\.type=unix|=\//.test(rest)) {
      throw new UsageFailure(`--net ${text}: datagrams go by UDP only; for a Unix socket use stream:/PATH.`);
    }
    const settings = checked(text, dgram, settingsOf(text, rest.split(',')));
    return { kind, local: settings.local, remote: settings.remote, ...macOf(settings.mac) };
  }
  if (kind === 'stream') {
    const [target = '', ...others] = rest.split(',');
    const settings = checked(text, onlyMac, settingsOf(text, others));
    const listen = target.startsWith('listen:');
    const where = listen ? target.slice('listen:'.length) : target;
    const address = where.startsWith('/') || where.startsWith('./') ? { path: where } : checked(text, endpoint, where);
    return { kind, address, listen, ...macOf(settings.mac) };
  }
  if (kind === 'pcap') {
    // The name of a file may have a comma in it.
    const at = rest.lastIndexOf(',mac=');
    const path = at < 0 ? rest : rest.slice(0, at);
    if (path === '') throw new UsageFailure(`--net ${text} names no file: say pcap:FILE.`);
    const settings = checked(text, onlyMac, settingsOf(text, at < 0 ? [] : [rest.slice(at + 1)]));
    return { kind, path, ...macOf(settings.mac) };
  }
  throw new UsageFailure(`--net ${text} is not a network: use ${FORMS}.`);
}

/** Reads where a stream leads to: HOST:PORT or the path of a Unix socket. Throws UsageFailure that names `option`. */
export function parseAddress(option: string, text: string): StreamAddress {
  if (text.startsWith('/') || text.startsWith('./')) return { path: text };
  const result = endpoint.safeParse(text);
  if (result.success) return result.data;
  const reason = result.error.issues[0]?.message ?? 'not understood';
  throw new UsageFailure(`${option} ${text}: ${reason}: use HOST:PORT or /PATH of a Unix socket.`);
}

function macOf(bytes: Uint8Array | undefined): { mac?: Uint8Array } {
  return bytes === undefined ? {} : { mac: bytes };
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

function settingsOf(text: string, parts: readonly string[]): Record<string, string> {
  const settings: Record<string, string> = {};
  for (const part of parts) {
    const [name, value] = splitOnce(part, '=');
    if (Object.hasOwn(settings, name)) throw new UsageFailure(`--net ${text}: ${name} is given twice.`);
    settings[name] = value;
  }
  return settings;
}

function checked<T>(text: string, schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new UsageFailure(`--net ${text}: ${issue === undefined ? 'not understood' : reason(issue)}.`);
}

function reason(issue: z.core.$ZodIssue): string {
  const name = issue.path.join('.');
  if (issue.code === 'invalid_type' && name !== '') return `${name}= is missing`;
  if (issue.code === 'unrecognized_keys') return `"${issue.keys.join('", "')}" is no setting here`;
  return issue.message;
}

/** How messages write an address: `127.0.0.1:5555`, `[::1]:5555`, `/run/passt.socket`. */
export function describeAddress(address: StreamAddress): string {
  if ('path' in address) return address.path;
  return `${isIP(address.host) === 6 ? `[${address.host}]` : address.host}:${String(address.port)}`;
}

/** How messages write a MAC address. */
export function describeMac(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(':');
}
