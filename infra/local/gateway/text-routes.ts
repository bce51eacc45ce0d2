import { formatInstant } from '../../../shared/platform/time.ts';
import type { AcceptedText, TextGateway } from '../fakes/text-gateway/text-gateway.ts';
import { json, type LocalRoute, readJson } from './local-http.ts';
import { limitOf } from './mailbox-routes.ts';

const itemOf = ({ at, reference, ...text }: AcceptedText) => ({
  ...text,
  at: formatInstant(at),
  customerId: reference.split('.', 1)[0],
});

/** What the text gateway took, and what its people do with it. */
export const textRoutes = (texts: TextGateway, wake: () => void): readonly LocalRoute[] => [
  {
    key: 'GET /local/texts',
    answer({ query }) {
      const limit = limitOf(query);
      const after = query.get('after');
      const items = texts.list({ limit, ...(after === null ? {} : { after }) });
      return json({ items: items.map(itemOf), next: items.length === limit ? (items.at(-1)?.id ?? null) : null });
    },
  },
  {
    key: 'POST /local/texts/{id}/feedback',
    answer({ body }, { id = '' }) {
      texts.feedback(id, readJson(body));
      wake();
      return json({ accepted: true }, 202);
    },
  },
];
