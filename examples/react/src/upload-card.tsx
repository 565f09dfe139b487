import type { HealDetail, HealState } from '@safelight/client';
import { SafelightImage, type UploadItem } from '@safelight/client/react';
import { memo, useState } from 'react';

interface Picture {
  readonly state: HealState;
  readonly code: HealDetail['code'];
  readonly retryInMs: HealDetail['retryInMs'];
  readonly retry: () => void;
}

/** One picture of the album. An item is a new object only when something happened to it, so `memo` helps. */
export const UploadCard = memo(function UploadCard({ item }: { readonly item: UploadItem }) {
  const { file, phase, progress, asset, error, task, retry, abort, remove } = item;
  const [picture, setPicture] = useState<Picture>();
  const isRunning = !/ready|failed|aborted/.test(phase);
  const isStuck = asset !== undefined && picture?.state === 'gave-up';
  return (
    <li data-phase={phase} data-state={picture?.state}>
      <SafelightImage
        source={asset ?? task}
        alt={file.name}
        width={320}
        height={240}
        crop="fill"
        onState={(state, { code, retryInMs }, retry) => setPicture({ state, code, retryInMs, retry })}
      />
      <span className="name" title={file.name}>
        {file.name}
      </span>
      <b className="badge">{phase === 'ready' ? (picture?.state ?? phase) : phase}</b>
      <progress aria-label={`Upload of ${file.name}`} value={progress.sentBytes} max={progress.totalBytes} />
      <p className="note">{error?.message ?? (asset && noteOf(picture))}</p>
      <p className="actions">
        {isRunning && <Action label="Abort" name={file.name} onPress={abort} />}
        {(phase === 'failed' || phase === 'aborted') && <Action label="Try again" name={file.name} onPress={retry} />}
        {isStuck && <Action label="Load again" name={file.name} onPress={picture.retry} />}
        {!isRunning && <Action label="Remove" name={file.name} onPress={remove} />}
      </p>
    </li>
  );
});

function noteOf(picture: Picture | undefined): string {
  if (picture?.state === 'waiting') {
    return `${picture.code ?? 'no response'}; next request in ${Math.ceil((picture.retryInMs ?? 0) / 1000)} s`;
  }
  return picture?.state === 'gave-up' ? (picture.code ?? 'The picture cannot be shown.') : '';
}

interface ActionProps {
  readonly label: string;
  /** Screen readers add it to the label. */
  readonly name: string;
  readonly onPress: () => void;
}

function Action({ label, name, onPress }: ActionProps) {
  return (
    <button type="button" aria-label={`${label}: ${name}`} onClick={onPress}>
      {label}
    </button>
  );
}
