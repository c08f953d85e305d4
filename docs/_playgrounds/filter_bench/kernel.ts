// The kernel: typed entry by entry, or one of hwlib's by its name.

import { element } from "../elements";
import type { Catalogue } from "./answers";
import { captioned } from "./grid";

export class Kernel {
  readonly list: HTMLElement;
  readonly captioned: HTMLElement;
  readonly #select: HTMLSelectElement;
  readonly #inputs: readonly HTMLInputElement[];

  constructor(
    id: string,
    readonly kernels: Catalogue["kernels"],
    onType: (kernel: readonly string[]) => void,
  ) {
    const options = kernels.map(({ title }, position) => element("option", { value: String(position) }, title));
    const own = element("option", { value: "" }, "as typed below");
    this.#select = element("select", { id: `${id}-kernel` }, own, ...options);
    this.#select.addEventListener("change", () => {
      const chosen = kernels[Number(this.#select.value || -1)];
      if (chosen !== undefined) {
        onType(chosen.entries);
      }
    });
    const label = element("label", { for: this.#select.id }, "Kernel");
    this.list = element("div", { class: "filter-list" }, label, this.#select);
    this.#inputs = [...Array(9).keys()].map((at) => {
      const box = element("input", { id: `${id}-${at}`, maxlength: "8", autocomplete: "off" });
      box.addEventListener("input", () => onType(this.#inputs.map(({ value }) => value)));
      return box;
    });
    const cells = this.#inputs.map((box, at) => {
      const name = `kernel, row ${Math.floor(at / 3) + 1}, column ${(at % 3) + 1}`;
      return element("div", {}, element("label", { for: box.id, class: "visually-hidden" }, name), box);
    });
    const rows = [0, 3, 6].map((first) => element("div", {}, ...cells.slice(first, first + 3)));
    this.captioned = captioned("Kernel", element("div", { role: "group" }, ...rows));
  }

  show(entries: readonly string[]): void {
    for (const [at, box] of this.#inputs.entries()) {
      const entry = entries[at] ?? "";
      if (box.value !== entry) {
        box.value = entry; // only then: it would move the caret
      }
    }
    const written = entries.join().replaceAll("−", "-");
    const named = this.kernels.findIndex((kernel) => kernel.entries.join().replaceAll("−", "-") === written);
    this.#select.value = named < 0 ? "" : String(named);
  }
}
