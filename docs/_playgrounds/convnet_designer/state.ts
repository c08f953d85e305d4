// What the reader has made, and how it is written in the address of the page so that it can be shared.

import { escaped } from "../address";
import type { TypedLayer } from "./answers";

export interface State {
  readonly input: string;
  readonly layers: readonly TypedLayer[];
  readonly selected: number; // 0 is the input, one more than there are layers the total
  readonly place: readonly [number, number] | null; // row and column of the neuron; null is the middle one
}

const NAME = "convnet-designer";

/** Write a state as `#convnet-designer=1,32,32;Conv2d(out_channels=8,kernel_size=3);Flatten()@1,5,5`. */
export function toHash(state: State): string {
  const layers = state.layers.map(({ kind, options }) => {
    const given = Object.entries(options).filter(([, value]) => value.trim() !== "");
    return `${escaped(kind)}(${given.map(([name, value]) => `${escaped(name)}=${escaped(value)}`).join(",")})`;
  });
  const looked = [state.selected, ...(state.place ?? [])].join(",");
  const input = escaped(state.input.replace(/,\s+/g, ",")).replaceAll("%2C", ",");
  return `#${NAME}=${[input, ...layers].join(";")}@${looked}`;
}

/** Read a state from an address; null if none is written there. */
export function fromHash(hash: string): State | null {
  const written = /^#convnet-designer=([^;@]*)((?:;\w+\([^();@]*\))*)(?:@(\d+)(?:,(\d+),(\d+))?)?$/.exec(hash);
  if (written === null) {
    return null;
  }
  const [, input = "", rest = "", selected, row, column] = written;
  try {
    const layers = rest
      .split(";")
      .slice(1)
      .map((text) => layerFrom(text));
    return {
      input: decodeURIComponent(input),
      layers,
      selected: Math.min(Number(selected ?? layers.length), layers.length + 1),
      place: row === undefined || column === undefined ? null : [Number(row), Number(column)],
    };
  } catch {
    return null; // a broken escape
  }
}

function layerFrom(text: string): TypedLayer {
  const [kind = "", inside = ""] = text.slice(0, -1).split("(");
  const given = inside === "" ? [] : inside.split(",");
  const options = given.map((option) => {
    const [name = "", value = ""] = option.split("=").map(decodeURIComponent);
    return [name, value] as const;
  });
  return { kind, options: Object.fromEntries(options) };
}
