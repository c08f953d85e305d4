// What each playground is to its page, and hwlib to the playground.

export interface Hwlib {
  catalogue<Catalogue>(): Promise<Catalogue>;
  answer<Answer>(request: unknown): Promise<Answer>;
  stop(): void;
}

export interface Playground {
  readonly element: HTMLElement;
  focus(): void;
}

export interface PlaygroundClass {
  /** Get what there is to choose and the first answer; only then is there something to show. */
  begin(root: HTMLElement, hwlib: Hwlib): Promise<Playground>;
}
