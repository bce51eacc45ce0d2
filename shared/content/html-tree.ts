import { DomUtils, parseDocument } from 'htmlparser2';

/** A parsed HTML document (htmlparser2's tree, named here so that its parts are no dependencies of ours). */
export type HtmlNode = ReturnType<typeof parseDocument>['children'][number];
export type HtmlElement = Parameters<typeof DomUtils.getAttributeValue>[0];

/** The top nodes of an HTML text. */
export const parseHtml = (html: string): readonly HtmlNode[] => parseDocument(html).children;

/** Every element of an HTML text, in order. */
export const elementsOf = (html: string): readonly HtmlElement[] =>
  DomUtils.filter((node) => DomUtils.isTag(node), parseDocument(html)) as HtmlElement[];

export const { isTag, isText, textContent } = DomUtils;
