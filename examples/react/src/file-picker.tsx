import { type DragEvent, useState } from 'react';

interface FilePickerProps {
  readonly onFiles: (files: FileList) => void;
}

export function FilePicker({ onFiles }: FilePickerProps) {
  const [isOver, setIsOver] = useState(false);
  const follow = (event: DragEvent): void => {
    event.preventDefault();
    setIsOver(event.type === 'dragenter' || event.type === 'dragover');
    if (event.type === 'drop') onFiles(event.dataTransfer.files);
  };
  return (
    <section
      className={isOver ? 'drop over' : 'drop'}
      aria-labelledby="drop-title"
      onDragEnter={follow}
      onDragOver={follow}
      onDragLeave={follow}
      onDrop={follow}
    >
      <h2 id="drop-title">Add pictures</h2>
      <p className="row">
        <label className="button" htmlFor="files">
          Choose pictures
        </label>
        <input
          type="file"
          id="files"
          accept="image/*"
          multiple
          onChange={({ target }) => {
            if (target.files !== null) onFiles(target.files);
            // The same file can be chosen again.
            target.value = '';
          }}
        />
        <span className="quiet">or drop some here; two are sent at a time</span>
      </p>
    </section>
  );
}
