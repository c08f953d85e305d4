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
  readonly #body = element("tbody", { role: "rowgroup" });

  constructor(
    readonly id: string,
    onSelect: (position: number) => void,
  ) {
    const titles = ["layer", ...COLUMNS.map(([, title]) => title)];
    const head = row({}, ...titles.map((title) => element("th", { role: "columnheader" }, title)));
    const caption = element(
      "caption",
      {},
      "Choose a row to look at it and to change it. Receptive field and stride are in pixels of the input.",
    );
    this.element.setAttribute("aria-label", "The network layer by layer");
    const table = element("table", { role: "table" }, caption, element("thead", { role: "rowgroup" }, head), this.#body);
    this.element.append(table);
    this.#body.addEventListener("change", (event) => {
      onSelect(Number((event.target as HTMLInputElement).value));
    });
  }

  show(state: State, answer: Answer): void {
    const held = this.#body.querySelector<HTMLInputElement>("input:focus")?.value;
    const rows = ["input", ...state.layers.map((layer) => `${layer.kind}(…)`)].flatMap((name, position) => {
      const counted = answer.rows[position];
      const error = answer.errors.find(({ layer }) => layer === position);
      const cells = COLUMNS.map(([column, title]) => cell(title, counted?.[column] ?? ""));
      const shown = this.#row(state, position, counted?.layer ?? name, cells, error?.words);
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

  #row(state: State, position: number, name: string, cells: readonly HTMLElement[], words?: string): HTMLElement {
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
    return row(selected, element("th", { role: "rowheader" }, label), ...cells);
  }

  #words(position: number, words: string): HTMLElement {
    return row({ class: "designer-error" }, element("td", { role: "cell", id: this.#idOfWords(position) }, words));
  }

  #idOfWords(position: number): string {
    return `${this.id}-words-${position}`;
  }
}

// The rows are laid out as cards. Browsers then forget that they are rows, so the roles say it.

function row(attributes: Readonly<Record<string, string>>, ...cells: readonly HTMLElement[]): HTMLElement {
  return element("tr", { role: "row", ...attributes }, ...cells);
}

function cell(title: string, text: string): HTMLElement {
  return element("td", { role: "cell", "data-title": title }, text);
}
