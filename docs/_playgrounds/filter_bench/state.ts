// What the reader has set, and how it is written in the address of the page so that it can be shared.

import { escaped } from "../address";
import type { Setting } from "./answers";

/** Write a setting as `#filter-bench=0…0;1,2,3,4,5,6,7,8,9;2,2`, with `;find` if the image is searched for. */
export function toHash({ image, kernel, place, is_search }: Setting): string {
  const parts = [image, kernel.map(escaped).join(","), place.join(","), ...(is_search ? ["find"] : [])];
  return `#filter-bench=${parts.join(";")}`;
}

/** Read a setting from an address; null if none is written there. */
export function fromHash(hash: string): Setting | null {
  const written = /^#filter-bench=([01]{25});([^;]*);([0-4]),([0-4])(;find)?$/.exec(hash);
  if (written === null) {
    return null;
  }
  const [, image = "", entries = "", row, column, find] = written;
  try {
    const kernel = entries.split(",").map(decodeURIComponent);
    const place = [Number(row), Number(column)] as const;
    return kernel.length === 9 ? { image, kernel, place, is_search: find !== undefined } : null;
  } catch {
    return null; // a broken escape
  }
}
