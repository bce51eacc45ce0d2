export const ambient = (): number => Date.now();
