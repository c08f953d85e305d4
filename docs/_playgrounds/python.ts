// Python as the page sees it: questions with answers that come later, and news of the loading.

import type { Call, Reply } from "./messages";
import type { Hwlib } from "./playground";

interface Waiting {
  readonly resolve: (answer: string) => void;
  readonly reject: (error: Error) => void;
}

export class Python implements Hwlib {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #calls = 0;

  constructor(
    script: URL,
    readonly module: string,
    onProgress: (share: number) => void,
  ) {
    script.search = module; // tells the worker what to load
    this.#worker = new Worker(script, { type: "module" });
    this.#worker.addEventListener("message", ({ data: reply }: MessageEvent<Reply>) => {
      if (reply.kind === "progress") {
        onProgress(reply.share);
        return;
      }
      const waiting = this.#waiting.get(reply.number);
      this.#waiting.delete(reply.number);
      if (reply.kind === "answer") {
        waiting?.resolve(reply.answer);
      } else {
        waiting?.reject(new Error(reply.words));
      }
    });
    this.#worker.addEventListener("error", (event) => {
      for (const waiting of this.#waiting.values()) {
        waiting.reject(new Error(event.message || `${script.href} could not be loaded`));
      }
      this.#waiting.clear();
    });
  }

  catalogue<Catalogue>(): Promise<Catalogue> {
    return this.#call("catalogue", "");
  }

  answer<Answer>(request: unknown): Promise<Answer> {
    return this.#call("answer", request);
  }

  stop(): void {
    this.#worker.terminate();
  }

  async #call<Answer>(name: Call["name"], request: unknown): Promise<Answer> {
    const number = ++this.#calls;
    const answer = await new Promise<string>((resolve, reject) => {
      this.#waiting.set(number, { resolve, reject });
      const call: Call = { number, module: this.module, name, request: JSON.stringify(request) };
      this.#worker.postMessage(call);
    });
    return JSON.parse(answer) as Answer;
  }
}
