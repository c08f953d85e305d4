// What the reader has typed, and how it is written in the address of the page so that it can be shared.

import { escaped } from "../address";

export interface State {
  readonly latex: string;
  readonly notation: string;
}

/** Write a state as `#check-it-yourself=x%20%3D%20y;x%3A%20scalar%0Ay%3A%20scalar`. */
export function toHash({ latex, notation }: State): string {
  return `#check-it-yourself=${escaped(latex)};${escaped(notation)}`;
}

/** Read a state from an address; null if none is written there. */
export function fromHash(hash: string): State | null {
  const written = /^#check-it-yourself=([^;]*);([^;]*)$/.exec(hash);
  if (written === null) {
    return null;
  }
  try {
    const [latex = "", notation = ""] = written.slice(1).map(decodeURIComponent);
    return { latex, notation };
  } catch {
    return null; // a broken escape
  }
}
