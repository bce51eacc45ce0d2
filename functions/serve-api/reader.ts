export { maySee, type Reader, type Role, readerOf, roles } from '../../shared/platform/api/reader.ts';
