// What the build has computed for every setting of a playground: fetched once, and looked up.

import { fetched } from "./fetched";
import type { Hwlib } from "./playground";

interface Everything {
  readonly catalogue: unknown;
  readonly answers: Readonly<Record<string, unknown>>;
}

export class Computed implements Hwlib {
  readonly #everything: Promise<Everything>;

  constructor(address: URL) {
    this.#everything = load(address);
  }

  async catalogue<Catalogue>(): Promise<Catalogue> {
    return (await this.#everything).catalogue as Catalogue;
  }

  async answer<Answer>(request: unknown): Promise<Answer> {
    const answer = (await this.#everything).answers[String(request)];
    if (answer === undefined) {
      throw new Error(`nothing was computed for ${String(request)}`);
    }
    return answer as Answer;
  }

  stop(): void {}
}

async function load(address: URL): Promise<Everything> {
  return (await (await fetched(address)).json()) as Everything;
}
