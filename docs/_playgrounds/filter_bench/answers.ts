// What filter_bench/__init__.py answers.

export type Place = readonly [row: number, column: number]; // from 0

export interface Setting {
  readonly image: string; // zeros and ones, row by row
  readonly kernel: readonly string[];
  readonly place: Place;
  readonly is_search: boolean;
}

export interface Catalogue {
  readonly kernels: readonly { readonly title: string; readonly entries: readonly string[] }[];
  readonly presets: readonly { readonly name: string; readonly title: string; readonly setting: Setting }[];
  readonly source: readonly (readonly string[])[];
}

export type Way = "correlation" | "convolution";

export type Results = Readonly<Record<Way, readonly (readonly string[])[]>> & {
  readonly sums: Readonly<Record<Way, string>>;
  readonly right: readonly (readonly boolean[])[] | null;
  readonly search: string; // empty if the image is not searched for
  readonly words: string;
};

export type Answer = Results | { readonly error: string };
