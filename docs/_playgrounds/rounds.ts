// Asking again while an answer is on its way: what is wanted meanwhile waits, and only the last is asked.

export class Rounds {
  #isRunning = false;
  #isStale = false;

  /** A round asks for the newest state and shows the answer; what goes wrong is said in an element. */
  constructor(
    readonly round: () => Promise<void>,
    readonly failure: HTMLElement,
  ) {}

  /** Whether something newer has been wanted since the round began. */
  get isStale(): boolean {
    return this.#isStale;
  }

  async run(): Promise<void> {
    if (this.#isRunning) {
      this.#isStale = true;
      return;
    }
    this.#isRunning = true;
    try {
      do {
        this.#isStale = false;
        await this.round();
      } while (this.#isStale);
      this.failure.textContent = "";
    } catch (error) {
      this.failure.textContent = error instanceof Error ? error.message : String(error);
    } finally {
      this.#isRunning = false;
    }
  }
}
