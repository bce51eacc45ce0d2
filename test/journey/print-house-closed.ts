/** Spain's national holidays in the two winters of the test, from the calendar on the wall (BOE), not from the product. */
export const PRINT_HOUSE_CLOSED: ReadonlySet<string> = new Set([
  '2017-12-06',
  '2017-12-08',
  '2017-12-25',
  '2018-01-01',
  '2018-01-06',
  '2018-03-30',
  '2018-12-06',
  '2018-12-08',
  '2018-12-25',
  '2019-01-01',
  '2019-01-06',
]);
