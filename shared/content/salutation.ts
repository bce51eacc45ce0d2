import type { PersonName, Profile } from '../customer/customer.ts';

/** Surnames of two characters; without this list 欧阳娜 would be greeted as 欧女士. */
const compoundSurnames = new Set(
  '欧阳 司马 上官 诸葛 东方 皇甫 尉迟 公孙 慕容 令狐 宇文 长孙 司徒 夏侯 端木 轩辕 独孤 南宫 百里 呼延 闻人 澹台 公冶 太史 申屠 钟离'.split(
    ' ',
  ),
);

const isHan = (text: string): boolean => /^[\p{Script=Han}·]+$/u.test(text);

const clean = (text: string | undefined): string | undefined => {
  const kept = text?.replace(/\s+/g, ' ').trim();
  return kept === '' ? undefined : kept;
};

/** The surname of a Chinese name written in one: one character, or two where the pair is a known surname. */
const hanSurname = (full: string): string | undefined => {
  const letters = [...full];
  if (letters.length < 2 || letters.length > 4) return undefined;
  const pair = letters.slice(0, 2).join('');
  return letters.length > 2 && compoundSurnames.has(pair) ? pair : letters[0];
};

/** The name as its bearer writes it: 张伟, María García, or the company's; undefined where nothing is known. */
export const displayName = (name: PersonName): string | undefined => {
  const company = clean(name.company);
  if (company !== undefined) return company;
  const full = clean(name.full);
  if (full !== undefined) return full;
  const family = clean(name.family);
  const given = clean(name.given);
  if (family === undefined || given === undefined) return family ?? given;
  return isHan(family) && isHan(given) ? `${family}${given}` : `${given} ${family}`;
};

const chinese = (profile: Pick<Profile, 'name' | 'gender'>): string => {
  const { name, gender } = profile;
  const shown = displayName(name);
  if (shown === undefined) return '尊敬的客户：';
  if (clean(name.company) !== undefined) return `尊敬的${shown}：`;
  const title = gender === 'm' ? '先生' : gender === 'f' ? '女士' : undefined;
  if (isHan(shown)) {
    const surname = clean(name.family) ?? hanSurname(shown);
    if (title !== undefined && surname !== undefined) return `尊敬的${surname}${title}：`;
    return `尊敬的${shown}${title ?? '先生/女士'}：`;
  }
  return `尊敬的 ${shown} ${title ?? '先生/女士'}：`;
};

const english = (profile: Pick<Profile, 'name' | 'gender'>): string => {
  const { name, gender } = profile;
  const shown = displayName(name);
  if (shown === undefined) return 'Dear customer,';
  if (clean(name.company) !== undefined) return 'Dear Sir or Madam,';
  const family = clean(name.family);
  const title = gender === 'm' ? 'Mr' : gender === 'f' ? 'Ms' : undefined;
  // A title before Chinese characters reads as a mistake; the whole name does not.
  return title !== undefined && family !== undefined && !isHan(family) ? `Dear ${title} ${family},` : `Dear ${shown},`;
};

/**
 * How a message begins: 尊敬的张先生：, 尊敬的张伟先生/女士： where the gender is unknown, the company's name,
 * 尊敬的客户： where no name is; `Dear Ms García,` in every other language.
 */
export const salutationOf = (profile: Pick<Profile, 'name' | 'gender'>, locale: string): string =>
  locale.startsWith('zh') ? chinese(profile) : english(profile);
