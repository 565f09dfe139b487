import { createClient } from '@safelight/client';
import { heal } from '@safelight/client/image';

// The page of a bundled application: the user chooses a picture, and sees it as the server delivers it.
const input = document.querySelector('input');
const output = document.querySelector('output');
const img = document.querySelector('img');

const client = createClient({ endpoint: location.origin, cloudName: 'demo', uploadPreset: 'browser' });

input?.addEventListener('change', () => {
  const [file] = input.files ?? [];
  if (!file || !img || !output) return;
  const seen: string[] = [];
  heal(img, client.upload(file), {
    transformation: { width: 300 },
    onState: (state, { error }) => {
      seen.push(state);
      if (state === 'shown' || state === 'gave-up') output.value = `${seen.join(' ')} ${error ?? ''}`.trim();
    },
  });
});
