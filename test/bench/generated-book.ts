/** A book of any size for measuring imports: as underwriting exports it, one row a policy and year. The same numbers give
 *  the same text. */

export const BOOK_HEADER =
  'Policy;Holder;Name;Birth;Postcode;Since;From;To;Premium;Channel;Lapse;Power;Fuel;Value;Area';

export const BOOK_MAPPING = {
  id: 'generated',
  source: 'underwriting',
  appliesTo: ['generated*.csv'],
  format: { delimiter: ';', dates: ['DD/MM/YYYY'], nulls: ['NA'] },
  key: ['Policy', 'From'],
  records: [
    {
      record: 'customer',
      key: 'Holder',
      full: 'Name',
      birthOn: { column: 'Birth', dates: ['YYYYMMDD'] },
      postcode: 'Postcode',
    },
    {
      record: 'contract',
      policyNo: 'Policy',
      startsOn: 'Since',
      holder: 'Holder',
      line: { constant: 'motor' },
      contactRule: { column: 'Channel', map: { '0': 'direct', '1': 'intermediary' } },
      zone: { constant: 'Europe/Madrid' },
    },
    {
      record: 'term',
      knownFrom: 'From',
      startsOn: 'From',
      renewsOn: 'To',
      premium: 'Premium',
      currency: { constant: 'EUR' },
    },
    {
      record: 'ending',
      when: { column: 'Lapse', present: true },
      knownFrom: 'Lapse',
      kind: { constant: 'lapsed' },
      on: 'Lapse',
    },
  ],
};

const two = (n: number): string => String(n).padStart(2, '0');

/** Row `n`: two years a policy, five policies for four holders, as in a book of private motor insurance. */
export const bookRow = (n: number): string => {
  const policy = n >> 1;
  const holder = Math.floor((policy * 4) / 5);
  const [day, month] = [1 + (policy % 28), 1 + (policy % 12)];
  const year = 2017 + (n & 1);
  const date = (y: number): string => `${two(day)}/${two(month)}/${y}`;
  const birth = `19${two(30 + (holder % 70))}${two(1 + (holder % 12))}${two(1 + (holder % 28))}`;
  const lapse = n & 1 && policy % 5 === 0 ? date(2018) : '';
  return `P${policy};H${holder};Given${holder % 997} Family${holder % 7919};${birth};${1_000 + (holder % 8_999)};${date(2016)};${date(year)};${date(year + 1)};${200 + (n % 300)}.${two(n % 100)};${policy % 2};${lapse};90;NA;1802.44;0`;
};

/** The first `rows` rows as blocks of a file. */
export async function* bookBlocks(rows: number): AsyncGenerator<Uint8Array> {
  let text = `${BOOK_HEADER}\r\n`;
  for (let n = 0; n < rows; n += 1) {
    text += `${bookRow(n)}\r\n`;
    if (text.length < 65_536) continue;
    yield Buffer.from(text);
    text = '';
  }
  if (text !== '') yield Buffer.from(text);
}
