// What check_it_yourself/__init__.py answers.

export interface Example {
  readonly name: string;
  readonly title: string;
  readonly latex: string;
  readonly notation: string;
}

export interface Catalogue {
  readonly examples: readonly Example[];
}

export interface Answer {
  readonly formula: string; // empty if the LaTeX was refused
  readonly html: string;
  readonly words: string;
}
