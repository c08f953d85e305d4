// What convnet_designer/__init__.py answers.

export interface Option {
  readonly name: string;
  readonly default: string;
  readonly is_needed: boolean;
  readonly is_flag: boolean;
}

export interface Kind {
  readonly kind: string;
  readonly options: readonly Option[];
  readonly start: Readonly<Record<string, string>>;
}

export interface TypedLayer {
  readonly kind: string;
  readonly options: Readonly<Record<string, string>>;
}

export interface TypedNetwork {
  readonly name: string;
  readonly title: string;
  readonly input: string;
  readonly layers: readonly TypedLayer[];
}

export interface Catalogue {
  readonly kinds: readonly Kind[];
  readonly networks: readonly TypedNetwork[];
}

export interface Row {
  readonly layer: string;
  readonly output_shape: string;
  readonly parameters: string;
  readonly neurons: string;
  readonly multiply_adds: string;
  readonly receptive_field: string;
  readonly stride: string;
}

export interface Field {
  readonly words: string;
  readonly legend: string;
  readonly drawing: string;
  readonly place: readonly [number, number] | null;
  readonly places: readonly [number, number] | null;
  readonly layer: number;
}

export interface Answer {
  readonly rows: readonly Row[];
  readonly total: Pick<Row, "parameters" | "neurons" | "multiply_adds"> | null;
  readonly errors: readonly { readonly layer: number; readonly words: string }[];
  readonly arithmetic: readonly { readonly figure: string; readonly arithmetic: string }[];
  readonly field: Field | null;
}
