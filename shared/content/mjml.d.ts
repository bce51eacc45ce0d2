declare module 'mjml' {
  /** MJML 5 publishes no types; this is the part that is used. */
  export default function mjml2html(
    mjml: string,
    options: {
      readonly validationLevel: 'strict';
      readonly fonts: Readonly<Record<string, string>>;
      readonly ignoreIncludes: boolean;
      readonly keepComments: boolean;
    },
  ): Promise<{ readonly html: string }>;
}
