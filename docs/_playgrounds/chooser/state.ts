// What the reader has chosen, and how it is written in the address of the page so that it can be shared.

import { escaped } from "../address";

export type State = readonly string[]; // a choice of each control, as written

/** Write a state as `#rate-bench=flat;0.5`. */
export function toHash(id: string, state: State): string {
  return `#${id}=${state.map(escaped).join(";")}`;
}

/** Read a state from an address; null if none is written there. */
export function fromHash(id: string, hash: string): State | null {
  if (!hash.startsWith(`#${id}=`)) {
    return null;
  }
  try {
    return hash.slice(id.length + 2).split(";").map(decodeURIComponent);
  } catch {
    return null; // a broken escape
  }
}
