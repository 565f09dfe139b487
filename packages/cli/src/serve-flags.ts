import type { Option } from 'commander';
import { flag } from './command-flag.ts';
import { commaList, origin, plainText, presetNames } from './flag-values.ts';

/** The flags about buckets, which several machines may share. */
export function bucketFlags(): readonly Option[] {
  return [
    flag('--originals <url>', 'bucket of the originals, such as s3://pictures/originals').argParser(plainText),
    flag(
      '--derivatives <place>',
      'bucket of cached derivatives, such as s3://pictures/derivatives, or a folder',
    ).argParser(plainText),
    flag('--s3-endpoint <url>', 'endpoint of an S3 server other than AWS').argParser(origin),
  ];
}

/** The flags about uploads and their responses. */
export function uploadFlags(): readonly Option[] {
  return [
    flag('--upload-preset <name>', 'preset for uploads without a key; may be repeated')
      .argParser(presetNames)
      .default([], 'none'),
    flag(
      '--remote-files <hosts>',
      "hosts that signed uploads may fetch a file from, such as img.example.org; '*' for all",
    )
      .argParser(commaList)
      .default([], 'none'),
    flag('--remote-addresses <addresses>', 'private addresses that --remote-files may use, such as 10.1.0.0/16')
      .argParser(commaList)
      .default([], 'none'),
    flag(
      '--delivery-origin <origin>',
      'origin of the URLs in upload responses, such as https://img.example.org behind a proxy',
    ).argParser(origin),
    flag(
      '--trust-proxy <proxies>',
      'proxies in front that name the client: their number, or addresses such as loopback or 10.0.0.0/8',
    ).argParser(plainText),
  ];
}
