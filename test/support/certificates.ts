/** An authority of a pair's own and the certificates of its two sides, made by openssl. */
import { spawnSync } from 'node:child_process';

const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

/** The options of a side; `path` names files. */
export function certify(path: (name: string) => string): readonly string[] {
  const make = (name: string, ...by: string[]): void => {
    const files = ['-keyout', path(`${name}.key`), '-out', path(`${name}.pem`)];
    const { status, stderr } = spawnSync(
      'openssl',
      ['req', '-x509', ...KEY, ...files, '-subj', `/CN=${name}`, '-days', '2', ...by],
      { encoding: 'utf8' },
    );
    if (status !== 0) throw new Error(stderr);
  };
  make('pair');
  make('side', '-CA', path('pair.pem'), '-CAkey', path('pair.key'));
  return ['--tls-cert', path('side.pem'), '--tls-key', path('side.key'), '--tls-ca', path('pair.pem')];
}
