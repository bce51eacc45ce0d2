/**
 * The scopes of the house: those that mappings put on what they import (`scope`, default `head-office`). The lists of due
 * policies and tasks are kept by scope; a branch added to a mapping is added here.
 */
export const SCOPES: readonly string[] = ['head-office'];
