// What the reader sets: a slider along its choices, or a list of them.

import { element } from "../elements";
import type { Choice, Control as Offered } from "./answers";

export class Control {
  readonly element: HTMLElement;
  readonly #input: HTMLInputElement | HTMLSelectElement;
  readonly #shown: HTMLElement | null; // beside a slider, which does not show its value

  constructor(
    id: string,
    readonly offered: Offered,
    onChange: () => void,
  ) {
    const { name, label, kind, choices } = offered;
    const of = `${id}-${name}`;
    if (kind === "slider") {
      this.#input = element("input", { type: "range", id: of, min: "0", max: String(choices.length - 1) });
      this.#shown = element("span", { "aria-hidden": "true" });
    } else {
      const options = choices.map((choice, position) => element("option", { value: String(position) }, choice.label));
      this.#input = element("select", { id: of }, ...options);
      this.#shown = null;
    }
    this.element = element("div", {}, element("label", { for: of }, label), this.#input, this.#shown ?? "");
    this.#input.addEventListener("input", () => {
      this.#show();
      onChange();
    });
  }

  get written(): string {
    return this.#chosen?.written ?? "";
  }

  get #chosen(): Choice | undefined {
    return this.offered.choices[Number(this.#input.value)];
  }

  /** Choose what is written so, if it is offered, and say whether that is another choice. */
  set(written: string): boolean {
    const position = this.offered.choices.findIndex((choice) => choice.written === written);
    if (position < 0 || written === this.written) {
      this.#show();
      return false;
    }
    this.#input.value = String(position);
    this.#show();
    return true;
  }

  focus(): void {
    this.#input.focus();
  }

  #show(): void {
    if (this.#shown !== null) {
      const label = this.#chosen?.label ?? "";
      this.#shown.textContent = label;
      this.#input.setAttribute("aria-valuetext", label);
    }
  }
}
