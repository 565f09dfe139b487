import { type SignUpload, signAt } from '@safelight/client';
import { signUpload } from '@safelight/client/sign';
import { kyInProcess } from '../../packages/client/test/ky-to.ts';

export const apiKey = '1234';
export const apiSecret = 'safelight-secret';

/** The option `sign` of a client whose site allows what these tests upload. */
export function signWith(secret: string = apiSecret): SignUpload {
  const sign = signUpload({
    apiKey,
    apiSecret: secret,
    allow: { publicId: /.+/, overwrite: true, tags: /.+/, eager: [{ width: 10, crop: 'fit' }] },
  });
  return signAt('http://site.example/sign', { ky: kyInProcess(sign) });
}
