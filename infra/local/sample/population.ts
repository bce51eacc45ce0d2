import { addDays, addYears, type CivilDate } from '../../../shared/platform/time.ts';
import { BROKERS, CHINESE, ENGLISH } from './names.ts';
import type { SampleCustomer, SamplePolicy } from './person.ts';
import type { Random } from './random.ts';

type NonEmpty<T> = readonly [T, ...T[]];
const among = <T>(random: Random, list: readonly T[]): T => random.pick(list as NonEmpty<T>);

/** A random customer: seven of ten Chinese, the others Irish. About 8 % have no e-mail, 1 % one that cannot be. */
export const inventCustomer = (random: Random, number: number, today: CivilDate): SampleCustomer => {
  const chinese = random.chance(0.7);
  const gender = random.pick(['f', 'm'] as const);
  const names = chinese ? CHINESE : ENGLISH;
  const family = among<string>(random, names.family);
  const given = among<string>(random, gender === 'f' ? names.givenF : names.givenM);
  const customerNo = `C${String(number).padStart(6, '0')}`;
  const birthOn = addDays(addYears(today, -random.between(20, 84)), -random.between(0, 364));
  const email = random.chance(0.08)
    ? ''
    : random.chance(0.01)
      ? `${customerNo.toLowerCase()} at example.com`
      : `${customerNo.toLowerCase()}@example.com`;
  const consents = {
    emailConsent: random.chance(0.06) ? 'N' : 'Y',
    postConsent: random.chance(0.04) ? 'N' : 'Y',
    marketingConsent: random.chance(0.55) ? 'Y' : random.chance(0.5) ? 'N' : '',
  } as const;
  const largePrint = birthOn < addYears(today, -70) && random.chance(0.3) ? 'Y' : '';
  const shared = { customerNo, family, given, company: '', gender, birthOn, email, ...consents, largePrint } as const;
  if (chinese) {
    const place = among(random, CHINESE.places);
    return {
      ...shared,
      language: 'zh-CN',
      country: 'CN',
      zone: 'Asia/Shanghai',
      mobile: `+86 1390000${String(number % 10_000).padStart(4, '0')}`,
      street: `${among<string>(random, CHINESE.streets)}${random.between(1, 980)}号${random.between(1, 30)}栋${random.between(101, 2_704)}室`,
      district: among<string>(random, place.districts),
      city: place.city,
      postcode: place.postcode,
      region: place.region,
    };
  }
  const place = among(random, ENGLISH.places);
  return {
    ...shared,
    language: 'en',
    country: 'IE',
    zone: 'Europe/Dublin',
    mobile: `+353 8500${String(number % 100_000).padStart(5, '0')}`,
    street: `${random.between(1, 240)} ${among<string>(random, ENGLISH.streets)}`,
    district: '',
    city: place.city,
    postcode: place.postcode,
    region: place.region,
  };
};

const PREMIUMS = {
  motor: [2_800, 7_600],
  home: [900, 3_200],
  health: [3_400, 12_000],
  liability: [400, 1_500],
} as const;

const insuredBy = (random: Random, line: SamplePolicy['line'], holder: SampleCustomer): string => {
  if (line === 'home') return holder.street;
  if (line !== 'motor') return '';
  const digits = String(random.between(10_000, 99_999));
  return holder.country === 'CN'
    ? `${among<string>(random, CHINESE.plates)}${digits}`
    : `${random.between(15, 26)}1-D-${digits}`;
};

/** The terms of a policy whose running term renews on `renewsOn`: one to four years of history, premiums rising. */
export const inventTerms = (
  random: Random,
  renewsOn: CivilDate,
  premium: number,
): { readonly contractStartsOn: CivilDate; readonly terms: SamplePolicy['terms'] } => {
  const years = random.between(1, 4);
  const terms = Array.from({ length: years }, (_, n) => ({
    startsOn: addYears(renewsOn, n - years),
    renewsOn: addYears(renewsOn, n - years + 1),
    premium: Math.round(premium * 1.04 ** (n - years + 1) * 100) / 100,
  }));
  return { contractStartsOn: addYears(renewsOn, -years), terms };
};

/** A random policy of `holder` that renews within a year after `today`. */
export const inventPolicy = (
  random: Random,
  number: number,
  holder: SampleCustomer,
  today: CivilDate,
): SamplePolicy => {
  const line = random.pick(['motor', 'motor', 'motor', 'home', 'health', 'liability'] as const);
  const [low, high] = PREMIUMS[line];
  const renewsOn = addDays(today, random.between(1, 365));
  // Irish premiums are in euros and smaller numbers
  const premium = Math.round(random.between(low, high) * (holder.country === 'CN' ? 100 : 18)) / 100;
  const broker = random.chance(0.12) ? among<string>(random, BROKERS) : '';
  const offered = Math.round(premium * (0.94 + random.next() * 0.2) * 100) / 100;
  return {
    policyNo: `P${String(number).padStart(7, '0')}`,
    holder,
    line,
    channel: broker === '' ? 'direct' : 'broker',
    broker,
    insured: insuredBy(random, line, holder),
    currency: holder.country === 'CN' ? 'CNY' : 'EUR',
    ...inventTerms(random, renewsOn, premium),
    ...(random.chance(0.04)
      ? {}
      : { offer: { publishedOn: addDays(renewsOn, -40), premium: offered, validUntil: addDays(renewsOn, 14) } }),
  };
};
