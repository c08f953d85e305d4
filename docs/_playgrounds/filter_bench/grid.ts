// A grid of numbers that are buttons: one is reached by Tab, the others from there by the arrows.

import { element } from "../elements";
import type { Place } from "./answers";

const ARROWS: Readonly<Record<string, Place>> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

export class Grid {
  readonly element: HTMLElement;
  readonly captioned: HTMLElement;
  readonly #buttons: readonly (readonly HTMLButtonElement[])[];

  constructor(
    caption: string,
    size: number,
    readonly onPress: (place: Place, isByKeys: boolean) => void,
    readonly onArrow: (place: Place) => void = () => undefined,
  ) {
    const places = [...Array(size).keys()];
    this.#buttons = places.map((row) => places.map((column) => this.#button([row, column])));
    const rows = this.#buttons.map((buttons) => {
      const cells = buttons.map((button) => element("div", { role: "gridcell" }, button));
      return element("div", { role: "row" }, ...cells);
    });
    this.element = element("div", { role: "grid" }, ...rows);
    this.captioned = captioned(caption, this.element);
    this.#reach(0, 0);
  }

  focus(): void {
    this.element.querySelector<HTMLElement>("[tabindex='0']")?.focus();
  }

  /** Show numbers, which of them are pressed, and marks: classes by place. */
  show(
    numbers: readonly (readonly string[])[],
    isPressed: (place: Place) => boolean,
    marks: (place: Place) => string,
    said: (place: Place) => string = () => "",
  ): void {
    for (const [row, buttons] of this.#buttons.entries()) {
      for (const [column, button] of buttons.entries()) {
        const number = numbers[row]?.[column] ?? "";
        const place = [row, column] as const;
        button.textContent = number;
        button.dataset["number"] = number;
        button.className = marks(place);
        button.setAttribute("aria-pressed", String(isPressed(place)));
        button.setAttribute("aria-label", `row ${row + 1}, column ${column + 1}: ${number}${said(place)}`);
      }
    }
  }

  #button(place: Place): HTMLButtonElement {
    const made = element("button", { type: "button", tabindex: "-1", "data-place": place.join(",") });
    made.addEventListener("click", ({ detail }) => {
      this.#reach(...place);
      this.onPress(place, detail === 0);
    });
    made.addEventListener("keydown", (event) => {
      const by = ARROWS[event.key];
      if (by === undefined) {
        return;
      }
      event.preventDefault();
      const next = [place[0] + by[0], place[1] + by[1]] as const;
      if (this.#buttons[next[0]]?.[next[1]] !== undefined) {
        this.#reach(...next);
        this.focus();
        this.onArrow(next);
      }
    });
    return made;
  }

  /** Which place an element of the page is, if it is one. */
  placeOf(found: HTMLElement): Place | null {
    const [row, column] = (found.dataset["place"] ?? "").split(",").map(Number);
    return this.element.contains(found) && row !== undefined && column !== undefined ? [row, column] : null;
  }

  /** Let Tab come to this place. */
  #reach(row: number, column: number): void {
    for (const button of this.#buttons.flat()) {
      button.tabIndex = button.dataset["place"] === `${row},${column}` ? 0 : -1;
    }
  }
}

/** A matrix under its caption; it is no table, which would need headers. */
export function captioned(caption: string, matrix: HTMLElement): HTMLElement {
  matrix.setAttribute("aria-label", caption);
  return element("div", { class: "filter-grid" }, element("p", { "aria-hidden": "true" }, caption), matrix);
}
