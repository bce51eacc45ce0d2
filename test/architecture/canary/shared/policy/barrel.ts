export * from './ambient.ts';
export * from './node.ts';
