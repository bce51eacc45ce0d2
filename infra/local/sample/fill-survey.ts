/** What a person says on a survey: a score, and a few words where there is room for them. */
export interface Said {
  readonly score: string;
  readonly comment?: string;
}

/** Longer surveys there are none, and a page that shows itself again and again must not be posted for ever. */
const MOST_PAGES = 12;

const hiddenFields = (html: string): [string, string][] =>
  [...html.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)">/g)].map(([, name = '', value = '']) => [
    name,
    value,
  ]);

/** The first scale of numbers on the page. */
const scaleOn = (html: string): string | undefined =>
  /<div class="scale [^"]*"><label><input type="radio" name="([^"]+)"/.exec(html)?.[1];

const textOn = (html: string): string | undefined => /<textarea[^>]* name="([^"]+)"/.exec(html)?.[1];

/** The first choice of each field that must be chosen in, but those of scales. */
const firstChoices = (html: string): Map<string, string> => {
  const chosen = new Map<string, string>();
  for (const question of html.split('<section class="card q').slice(1)) {
    if (!question.includes('class="need"') || question.includes('<div class="scale')) continue;
    for (const [, name = '', value = ''] of question.matchAll(/<input type="radio" name="([^"]+)" value="([^"]+)"/g))
      if (!chosen.has(name)) chosen.set(name, value);
  }
  return chosen;
};

/**
 * Answers a survey as a browser without script does: page after page, the score on the first scale, the words in the first
 * field for them, the first choice of what must be answered, nothing else.
 * @returns the last page, of thanks where all went well
 */
export const fillSurvey = async (url: string, said: Said, send: typeof fetch = fetch): Promise<Response> => {
  let response = await send(url);
  let [scored, wrote] = [false, said.comment === undefined];
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const html = await response.clone().text();
    if (!html.includes('<form id="survey"')) return response;
    const body = new FormData();
    for (const [name, value] of hiddenFields(html)) body.append(name, value);
    body.append('_do', 'next');
    for (const [name, value] of firstChoices(html)) body.append(name, value);
    const scale = scaleOn(html);
    if (scale !== undefined && !scored) {
      body.append(scale, said.score);
      scored = true;
    }
    const text = textOn(html);
    if (text !== undefined && !wrote && said.comment !== undefined) {
      body.append(text, said.comment);
      wrote = true;
    }
    const posted = await send(url, { method: 'POST', body, redirect: 'manual' });
    if (posted.status !== 303) return posted;
    response = await send(new URL(posted.headers.get('location') ?? '', url));
  }
  return response;
};
