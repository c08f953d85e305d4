// What each playground is to its page.

import type { Python } from "./python";

export interface Playground {
  readonly element: HTMLElement;
  focus(): void;
}

export interface PlaygroundClass {
  /** Get what Python says first; only then is there something to show. */
  begin(root: HTMLElement, python: Python): Promise<Playground>;
}
