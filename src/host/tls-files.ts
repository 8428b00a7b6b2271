/**
 * Mutual TLS for the logging channel: each side shows a certificate of the pair's own authority, and takes no other.
 */
import { X509Certificate } from 'node:crypto';
import { createSecureContext, type ConnectionOptions, type TlsOptions } from 'node:tls';
import { readFileSync } from 'node:fs';

import { Failure, readFailure, reasonOf, STATUS, UsageFailure } from './failure.js';

export interface TlsFiles {
  readonly server: TlsOptions;
  readonly client: ConnectionOptions;
}

export interface TlsFlags {
  readonly 'tls-cert': string | undefined;
  readonly 'tls-key': string | undefined;
  readonly 'tls-ca': string | undefined;
}

/** Reads what `--tls-cert`, `--tls-key` and `--tls-ca` name; undefined where none is given. Throws a Failure. */
export function readTls(flags: TlsFlags): TlsFiles | undefined {
  const { 'tls-cert': certPath, 'tls-key': keyPath, 'tls-ca': caPath } = flags;
  if (certPath === undefined && keyPath === undefined && caPath === undefined) return undefined;
  if (certPath === undefined || keyPath === undefined || caPath === undefined) {
    throw new UsageFailure('TLS takes all of --tls-cert, --tls-key and --tls-ca: give the three, or none.');
  }
  const [cert, key, ca] = [certPath, keyPath, caPath].map(read);
  const parts = { cert, key, ca, minVersion: 'TLSv1.3' as const };
  try {
    createSecureContext(parts);
    // An authority that is none is passed over in silence.
    new X509Certificate(ca);
  } catch (error) {
    const files = `${certPath}, ${keyPath} and ${caPath}`;
    throw new Failure(
      STATUS.data,
      `${files} are no certificate, key and authority in PEM (${reasonOf(error)}).`,
      error,
    );
  }
  return {
    server: { ...parts, requestCert: true, rejectUnauthorized: true },
    // The authority is the pair's own: whoever has a certificate of it is a member, whatever its name.
    client: { ...parts, rejectUnauthorized: true, checkServerIdentity: () => undefined },
  };
}

function read(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw readFailure(path, error);
  }
}
