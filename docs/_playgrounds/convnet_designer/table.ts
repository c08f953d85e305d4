// The network layer by layer, with hwlib's figures; the reader chooses a row to look at and to change.

import { element } from "../elements";
import type { Answer, Row } from "./answers";
import type { State } from "./state";

const COLUMNS: readonly (readonly [keyof Row, string])[] = [
  ["output_shape", "output shape"],
  ["parameters", "parameters"],
  ["neurons", "neurons"],
  ["multiply_adds", "multiply-adds"],
  ["receptive_field", "receptive field"],
  ["stride", "stride"],
];

export class Table {
  readonly element = element("div", { class: "designer-table", tabindex: "0", role: "region" });
  readonly #body = element("tbody");

  constructor(
    readonly id: string,
    onSelect: (position: number) => void,
  ) {
    const head = element("tr", {}, element("th", { scope: "col" }, "layer"));
    head.append(...COLUMNS.map(([, title]) => element("th", { scope: "col" }, title)));
    const caption = element(
      "caption",
      {},
      "Choose a row to look at it and to change it. Receptive field and stride are in pixels of the input.",
    );
    this.element.setAttribute("aria-label", "The network layer by layer");
    this.element.append(element("table", {}, caption, element("thead", {}, head), this.#body));
    this.#body.addEventListener("change", (event) => {
      onSelect(Number((event.target as HTMLInputElement).value));
    });
  }

  show(state: State, answer: Answer): void {
    const held = this.#body.querySelector<HTMLInputElement>("input:focus")?.value;
    const rows = ["input", ...state.layers.map((layer) => `${layer.kind}(…)`)].flatMap((name, position) => {
      const row = answer.rows[position];
      const error = answer.errors.find(({ layer }) => layer === position);
      const cells = COLUMNS.map(([column, title]) => cell(title, row?.[column] ?? ""));
      const shown = this.#row(state, position, row?.layer ?? name, cells, error?.words);
      return error === undefined ? [shown] : [shown, this.#words(position, error.words)];
    });
    const last = state.layers.length + 1;
    const totals = COLUMNS.map(([column, title]) =>
      cell(title, (answer.total as Partial<Row> | null)?.[column] ?? ""),
    );
    this.#body.replaceChildren(...rows, this.#row(state, last, "total", totals));
    this.#body.lastElementChild?.classList.add("designer-total");
    if (held !== undefined) {
      this.focus(state.selected);
    }
  }

  focus(position: number): void {
    this.#body.querySelector<HTMLInputElement>(`input[value="${position}"]`)?.focus();
  }

  #row(
    state: State,
    position: number,
    name: string,
    cells: readonly HTMLElement[],
    words?: string,
  ): HTMLTableRowElement {
    const choice = element("input", {
      type: "radio",
      name: `${this.id}-selected`,
      value: String(position),
      checked: position === state.selected,
      ...(words === undefined ? {} : { "aria-describedby": this.#idOfWords(position) }),
    });
    const number = position > 0 && position <= state.layers.length ? `${position}. ` : "";
    const label = element("label", {}, choice, ` ${number}${name}`);
    const selected = position === state.selected ? { class: "designer-selected" } : {};
    return element("tr", selected, element("th", { scope: "row" }, label), ...cells);
  }

  #words(position: number, words: string): HTMLTableRowElement {
    const cells = element("td", { colspan: String(COLUMNS.length + 1), id: this.#idOfWords(position) }, words);
    return element("tr", { class: "designer-error" }, cells);
  }

  #idOfWords(position: number): string {
    return `${this.id}-words-${position}`;
  }
}

function cell(title: string, text: string): HTMLTableCellElement {
  return element("td", { "data-title": title }, text);
}
