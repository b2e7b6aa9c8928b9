/** Strings, so that digits inside them are left alone, or whole numbers that a double may not hold. */
const stringOrLongInteger = /"(?:[^"\\]|\\.)*"|(?<![\d.eE+-])-?\d{16,}(?![\d.eE])/g;

/** JSON whose integers of 16 digits and more are strings instead of losing digits. */
export const parseExactJson = (text: string): unknown =>
  JSON.parse(text.replace(stringOrLongInteger, (token) => (token.startsWith('"') ? token : `"${token}"`)));
