import type { StoredBlocks } from '../../shared/content/block-store.ts';
import type { ApiOptions } from '../../shared/platform/api/app.ts';
import { blockRoutes } from './block-routes.ts';
import { previewRoutes } from './preview-routes.ts';
import { templateRoutes } from './routes.ts';
import type { SavePorts } from './save-template.ts';
import { type TestPorts, testRoutes } from './test-routes.ts';

/** Sources of five languages and more fit; what is larger is refused unread (F28). */
const MAX_BODY = 2 * 1024 * 1024;

/** The routes of templates as an app takes them; those with a word of their own stand before those with a name. */
export const templatesApi = (
  ports: SavePorts & TestPorts & { readonly storedBlocks: StoredBlocks } & Pick<ApiOptions, 'log' | 'newId' | 'origin'>,
): ApiOptions => ({
  routes: [...blockRoutes(ports), ...previewRoutes(ports), ...testRoutes(ports), ...templateRoutes(ports)],
  descriptionPath: '/api/templates/openapi.json',
  maxBody: MAX_BODY,
  origin: ports.origin,
  log: ports.log,
  newId: ports.newId,
});
