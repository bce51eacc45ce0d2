import type { ComponentChildren } from 'preact';
import type { Answer, Loaded } from '../api.ts';
import { useLanguage } from '../text.ts';

/** Shows what was loaded, or that it is on its way, or that it failed and how to go on. */
export const Show = <Body,>({
  loaded: { answer, reload },
  children,
}: {
  loaded: { answer: Answer<Body> | undefined; reload: Loaded<Body>['reload'] };
  children: (body: Body) => ComponentChildren;
}) => {
  const { text } = useLanguage();
  if (answer === undefined)
    return (
      <p class="quiet" role="status">
        {text.loading}
      </p>
    );
  if (answer.kind === 'ok') return <>{children(answer.body)}</>;
  return (
    <div class="card" role="alert">
      <p>{answer.status === 404 ? text.notFound : answer.status === 403 ? text.refused : text.failed}</p>
      {answer.requestId && <p class="quiet">{text.reference(answer.requestId)}</p>}
      <button type="button" onClick={reload}>
        {text.again}
      </button>
    </div>
  );
};
