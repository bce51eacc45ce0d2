export { idParam, pageQuery, type Reply, type Request, type Route, route } from '../../shared/platform/api/route.ts';
