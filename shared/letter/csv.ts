/** A field that a spreadsheet would take for a formula gets an apostrophe (reliability.md S21). */
const safe = (field: string): string => (/^[=+\-@\t\r]/.test(field) ? `'${field}` : field);

const quoted = (field: string): string => {
  const text = safe(field);
  return text !== field || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

/** A CSV file (RFC 4180, CRLF, no byte order mark) with a header line; fields that look like formulas are disarmed. */
export const toCsv = (header: readonly string[], rows: readonly (readonly string[])[]): string =>
  [header, ...rows].map((row) => `${row.map(quoted).join(',')}\r\n`).join('');
