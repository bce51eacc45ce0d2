import { createMailRenderer } from '../../shared/content/render-mail.ts';
import type { SendClass } from '../../shared/customer/customer.ts';
import { addressBlock } from '../../shared/letter/address-block.ts';
import { createTypesetter } from '../../shared/letter/typeset-letter.ts';
import type { ZoneId } from '../../shared/platform/time.ts';
import { dataOf, links, mailOf, now, profileOf, shipped } from '../content/samples.ts';
import type { Measurement } from './measurement.ts';

const SERVICE: SendClass = 'service';

/** How often `act` runs in a second of one core, after a warm-up; `act` gets the number of the run. */
const perSecond = (runs: number, act: (n: number) => void): number => {
  for (let n = 0; n < runs / 10; n += 1) act(n);
  const begin = performance.now();
  for (let n = 0; n < runs; n += 1) act(n);
  return runs / ((performance.now() - begin) / 1_000);
};

/** Every mail to another customer, data included: what a campaign does per recipient but for the store and the call. */
const mails = (): number => {
  const renderer = createMailRenderer();
  return perSecond(5_000, (n) => {
    const locale = n % 2 === 0 ? 'zh-CN' : 'en';
    const data = dataOf({ locale, profile: { name: { family: '张', given: `伟${n}` } } });
    const mail = renderer.render(mailOf({ locale, data, to: { name: `张伟${n}`, address: `c${n}@example.com` } }));
    if (mail.kind !== 'rendered' || mail.raw.length < 16_384) throw new Error('a mail of 16 KB was expected');
  });
};

/** One A4 page in Chinese or English to another customer each time, QR code and all. */
const letters = (): number => {
  const template = shipped<'letter'>('renewal-m14');
  const typesetter = createTypesetter();
  return perSecond(300, (n) => {
    const locale = n % 2 === 0 ? 'zh-CN' : 'en';
    const profile = profileOf({ name: { family: '张', given: `伟${n}` } });
    const letter = typesetter.typeset({
      template,
      locale,
      data: dataOf({ locale, profile }),
      sendClass: SERVICE,
      address: addressBlock(
        `张伟${n}`,
        { lines: [`世纪大道 ${n} 号`], city: '上海市', postcode: '200120', country: 'CN' },
        'CN',
      ),
      link: { url: `${links.short}${n}`, code: 'abcd-efgh' },
      largePrint: false,
      at: now,
      zone: 'Asia/Shanghai' as ZoneId,
    });
    if (letter.kind !== 'typeset') throw new Error(letter.detail);
  });
};

export const measurements: readonly Measurement[] = [
  {
    id: 'P2',
    name: 'render + MIME per core, 16 KB, personalised',
    unit: 'mails/s',
    floor: 1_500,
    goal: 5_000,
    more: true,
    run: async () => mails(),
  },
  {
    id: 'P4',
    name: 'letters per core',
    unit: 'letters/s',
    floor: 100,
    goal: 160,
    more: true,
    run: async () => letters(),
  },
];
