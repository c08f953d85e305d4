// What a reader has made is written in the address of the page, so that it can be shared.

/** Percent-encode all that may have a meaning in the address of a state. */
export function escaped(text: string): string {
  const strict = /[!'()*]/g;
  return encodeURIComponent(text).replace(strict, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
}
