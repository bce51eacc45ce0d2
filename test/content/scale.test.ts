import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { programmes } from '../../shared/campaign/programmes.ts';
import type { TemplateVersion } from '../../shared/content/template.ts';
import { library } from '../../shared/survey/library.ts';
import { SCALES } from '../../shared/survey/survey.ts';

const shipped = (name: string): TemplateVersion =>
  JSON.parse(
    readFileSync(join(import.meta.dirname, `../../templates/generated/shipped/${name}.json`), 'utf8'),
  ) as TemplateVersion;

/** What the programmes ask by mail: template and survey. */
const asked = programmes
  .flatMap(({ definition }) => definition.steps.map(({ do: act }) => act))
  .flatMap((act) => {
    const { template, survey } = act as { template?: string; survey?: string };
    return template !== undefined && survey !== undefined && shipped(template).kind === 'mail'
      ? [{ template, survey }]
      : [];
  });

describe('the scale in a mail', () => {
  test('some programmes have one', () => {
    expect(asked.length).toBeGreaterThan(5);
  });

  test.each(asked)(
    'S2: $template offers the scale of $survey as cells that Outlook keeps, and a plain link',
    ({ template, survey }) => {
      const version = shipped(template);
      if (version.kind !== 'mail') return;
      const metric = library.find(({ id }) => id === survey)?.file.score?.metric;
      for (const { html, text } of version.variants) {
        const cells = [
          ...html.matchAll(/<td ([^>]*)><a href="\{\{ links\.survey \}\}\?score=(\d+)"([^>]*)>(\d+)<\/a><\/td>/g),
        ];
        const [lowest, highest] = metric === undefined ? [1, 0] : SCALES[metric];
        const scale = Array.from({ length: highest - lowest + 1 }, (_, n) => String(lowest + n));
        expect(cells.map(([, , score]) => score)).toEqual(scale);
        for (const [, cell = '', score, link = '', shown] of cells) {
          expect(shown).toBe(score);
          expect(cell).toMatch(/width="\d+" height="42" align="center" valign="middle" bgcolor="#f3f8f7"/);
          expect(link).toContain('mso-line-height-rule: exactly');
          expect(`${cell}${link}`).not.toMatch(/grid|flex|rgba?\(|var\(/);
        }
        expect(text).toContain('<{{ links.survey }}>');
        expect(text).not.toContain('score=');
      }
    },
  );
});
