import { xmlText } from '../query-protocol.ts';
import { DEMO_PEOPLE } from './people.ts';

export type PageLanguage = 'zh' | 'en';

const TEXT: Readonly<Record<PageLanguage, Readonly<Record<'title' | 'lead' | 'note' | 'other', string>>>> = {
  zh: {
    title: '登录 Perennial',
    lead: '请选择一个演示身份。',
    note: '这是本机演示环境的登录页，没有密码。部署到云端后，这里是您自己的登录方式。',
    other: 'English',
  },
  en: {
    title: 'Sign in to Perennial',
    lead: 'Choose whom to be.',
    note: 'This is the sign-in page of the local demonstration; there is no password. In the cloud, your own takes its place.',
    other: '中文',
  },
};

const STYLE = `
  :root { color-scheme: light dark; --ink: #1d2733; --soft: #5a6878; --line: #dde3ea; --paper: #fff; --ground: #f4f6f9; --accent: #0f6b5c }
  @media (prefers-color-scheme: dark) { :root { --ink: #e8edf2; --soft: #9dabba; --line: #33404d; --paper: #1b242d; --ground: #12181f; --accent: #4fbfa8 } }
  * { box-sizing: border-box }
  body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 24px; background: var(--ground); color: var(--ink);
    font: 16px/1.5 system-ui, "PingFang SC", "Microsoft YaHei", "Noto Sans SC", sans-serif }
  main { width: 100%; max-width: 440px; background: var(--paper); border: 1px solid var(--line); border-radius: 12px; padding: 28px }
  header { display: flex; justify-content: space-between; align-items: baseline; gap: 16px }
  h1 { font-size: 20px; margin: 0 }
  p { margin: 8px 0 16px; color: var(--soft) }
  p.note { font-size: 13px; margin: 16px 0 0 }
  a { color: var(--accent); font-size: 14px }
  button { width: 100%; display: block; text-align: left; margin: 0 0 8px; padding: 10px 14px; font: inherit; color: inherit;
    background: transparent; border: 1px solid var(--line); border-radius: 8px; cursor: pointer }
  button:hover, button:focus-visible { border-color: var(--accent); outline: 2px solid var(--accent); outline-offset: -1px }
  button b { display: block } button span { color: var(--soft); font-size: 14px }`;

/** The hosted sign-in page: a button a person, which posts the sign-in request's own parameters back.
 *  @param parameters what the application asked with
 *  @param switchUrl the same page in the other language */
export const signInPage = (
  language: PageLanguage,
  parameters: Readonly<Record<string, string>>,
  groups: readonly string[],
  switchUrl: string,
): string => {
  const text = TEXT[language];
  const fields = Object.entries(parameters).map(
    ([name, value]) => `<input type="hidden" name="${xmlText(name)}" value="${xmlText(value)}">`,
  );
  const buttons = DEMO_PEOPLE.filter(({ role }) => groups.includes(role)).map(
    ({ role, name, does }) =>
      `<button name="as" value="${role}"><b>${xmlText(name[language])}</b><span>${xmlText(does[language])}</span></button>`,
  );
  return `<!doctype html>
<html lang="${language === 'zh' ? 'zh-CN' : 'en'}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${text.title}</title><style>${STYLE}</style></head>
<body><main>
<header><h1>${text.title}</h1><a href="${xmlText(switchUrl)}" lang="${language === 'zh' ? 'en' : 'zh-CN'}">${text.other}</a></header>
<p>${text.lead}</p>
<form method="post" action="/cognito/login">${fields.join('')}
${buttons.join('\n')}
</form>
<p class="note">${text.note}</p>
</main></body></html>`;
};
