// What the page and its worker say to each other.

export interface Call {
  readonly number: number;
  readonly module: string;
  readonly name: "catalogue" | "answer";
  readonly request: string;
}

export type Reply =
  | { readonly kind: "progress"; readonly share: number }
  | { readonly kind: "answer"; readonly number: number; readonly answer: string }
  | { readonly kind: "failure"; readonly number: number; readonly words: string };
