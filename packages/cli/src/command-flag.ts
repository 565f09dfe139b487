import { Option } from 'commander';

/** Creates a flag with its variable: `--backoff-first` has `SAFELIGHT_BACKOFF_FIRST`. The flag has priority. */
export function flag(flags: string, description: string): Option {
  const option = new Option(flags, description);
  return option.env(`SAFELIGHT_${option.name().replaceAll('-', '_').toUpperCase()}`);
}
