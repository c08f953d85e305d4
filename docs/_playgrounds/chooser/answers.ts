// What choosing.py has computed when the book was built.

export interface Choice {
  readonly written: string;
  readonly label: string;
  readonly place: readonly [number | null, number | null] | null;
}

export interface Control {
  readonly name: string;
  readonly label: string;
  readonly kind: "slider" | "list";
  readonly choices: readonly Choice[];
  readonly drawing: number | null;
}

export interface Preset {
  readonly title: string;
  readonly setting: readonly string[];
}

export interface Catalogue {
  readonly controls: readonly Control[];
  readonly presets: readonly Preset[];
  readonly frames: readonly string[];
}

export interface Answer {
  readonly words: string;
  readonly drawings: readonly string[];
}
