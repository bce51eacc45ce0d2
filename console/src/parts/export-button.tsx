import { useState } from 'preact/hooks';
import { useApi } from '../api.ts';
import { useLanguage } from '../text.ts';

/** Saves a file that was made here. */
const save = (file: Blob, name: string): void => {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
};

/** Saves the file at `path`, all its pages as one. */
export const ExportButton = ({ path, name }: { path: string; name: string }) => {
  const { text } = useLanguage();
  const words = text.results;
  const api = useApi();
  const [state, setState] = useState<'idle' | 'busy' | 'done' | 'failed' | 'refused'>('idle');
  const run = async (): Promise<void> => {
    setState('busy');
    const answer = await api.file(path);
    if (answer.kind === 'ok') save(answer.body, name);
    setState(answer.kind === 'ok' ? 'done' : answer.status === 403 ? 'refused' : 'failed');
  };
  return (
    <div class="export">
      <button type="button" disabled={state === 'busy'} onClick={() => void run()}>
        {state === 'busy' ? words.exporting : words.exportFile}
      </button>
      <span role="status" class="quiet">
        {state === 'done' && words.exported}
        {state === 'failed' && words.exportFailed}
        {state === 'refused' && words.exportRefused}
      </span>
    </div>
  );
};
