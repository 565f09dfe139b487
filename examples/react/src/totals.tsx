import type { UploadTotals } from '@safelight/client/react';

/** The progress of all uploads together. Screen readers read the text after each change of a number. */
export function Totals({ totals }: { readonly totals: UploadTotals }) {
  const { running, ready, failed, aborted, sentBytes, totalBytes } = totals;
  const counts = { uploading: running, ready, failed, aborted };
  const parts = Object.entries(counts).flatMap(([name, count]) => (count === 0 ? [] : `${count} ${name}`));
  return (
    <div className="totals">
      <p role="status">{parts.join(', ')}</p>
      {running > 0 && <progress aria-label="All uploads" value={sentBytes} max={totalBytes} />}
    </div>
  );
}
