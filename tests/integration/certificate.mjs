// A self-signed certificate for localhost and 127.0.0.1, made when a test needs it.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** Writes the files into `folder` and returns the flags of `rues node` that name them. */
export function makeCertificate(folder) {
  const certificate = join(folder, 'certificate.pem');
  const key = join(folder, 'key.pem');
  execFileSync('openssl', [
    'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj', '/CN=localhost',
    '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1', '-keyout', key, '-out', certificate,
  ], { stdio: 'pipe' });
  return { certificate, key, flags: ['--tls-cert', certificate, '--tls-key', key] };
}
