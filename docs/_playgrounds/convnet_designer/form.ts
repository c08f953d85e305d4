// One layer's options, as hwlib declares them, and what can be done with the layer.

import { button, element } from "../elements";
import type { Answer, Catalogue, Option, TypedLayer } from "./answers";
import type { State } from "./state";

export interface Changes {
  readonly input: (shape: string) => void;
  readonly option: (name: string, value: string) => void;
  readonly add: (kind: string) => void;
  readonly move: (by: -1 | 1) => void;
  readonly remove: () => void;
}

export class Form {
  readonly element = element("fieldset", { class: "designer-form" });
  readonly #legend = element("legend");
  readonly #options = element("div", { class: "designer-options" });
  readonly #words = element("p", { class: "designer-words" });
  readonly #up: HTMLButtonElement;
  readonly #down: HTMLButtonElement;
  readonly #buttons: HTMLElement;
  readonly #kind: HTMLSelectElement;
  #shown = "";

  constructor(
    readonly id: string,
    readonly catalogue: Catalogue,
    readonly changes: Changes,
  ) {
    this.#words.id = `${id}-words`;
    this.#up = button("Up", () => changes.move(-1), { "aria-label": "Move the layer up" });
    this.#down = button("Down", () => changes.move(1), { "aria-label": "Move the layer down" });
    const remove = button("Remove", () => changes.remove(), { "aria-label": "Remove the layer" });
    this.#buttons = element("div", { class: "designer-buttons" }, this.#up, this.#down, remove);
    const kinds = catalogue.kinds.map(({ kind }) => element("option", {}, kind));
    this.#kind = element("select", { id: `${id}-kind` }, ...kinds);
    const add = button("Add it below", () => {
      changes.add(this.#kind.value);
    });
    const adding = element(
      "div",
      { class: "designer-adding" },
      element("label", { for: `${id}-kind` }, "A new layer"),
      this.#kind,
      add,
    );
    this.element.append(this.#legend, this.#options, this.#words, this.#buttons, adding);
  }

  /** Show the chosen layer; inputs that are there stay, so that nobody loses their place while typing. */
  show(state: State, answer: Answer): void {
    const position = state.selected;
    const layer = state.layers[position - 1];
    const shown = `${position} ${layer?.kind ?? ""} ${state.layers.length}`;
    if (shown !== this.#shown) {
      this.#shown = shown;
      this.#rebuild(state, layer);
    }
    for (const input of this.#options.querySelectorAll("input")) {
      const value = position === 0 ? state.input : (layer?.options[input.name] ?? "");
      if (input.type === "checkbox") {
        input.checked = value !== "False";
      } else if (input !== document.activeElement) {
        input.value = value;
      }
    }
    const words = answer.errors.find((error) => error.layer === position)?.words ?? "";
    this.#words.textContent = words;
    for (const input of this.#options.querySelectorAll("input")) {
      const isBlamed = words.startsWith(input.name) || (position === 0 && words !== "");
      input.setAttribute("aria-invalid", String(isBlamed));
    }
  }

  #rebuild(state: State, layer: TypedLayer | undefined): void {
    const { selected, layers } = state;
    const isLayer = layer !== undefined;
    const name = isLayer ? `Layer ${selected}: ${layer.kind}` : selected === 0 ? "Input" : "Total";
    this.#legend.textContent = name;
    this.#options.replaceChildren(
      ...(selected === 0 ? [this.#shape()] : []),
      ...(isLayer ? this.#optionsOf(layer).map((option) => this.#control(option)) : []),
    );
    this.#buttons.hidden = !isLayer;
    this.#up.setAttribute("aria-disabled", String(selected === 1)); // disabled, it would lose the focus
    this.#down.setAttribute("aria-disabled", String(selected === layers.length));
  }

  #optionsOf(layer: TypedLayer): readonly Option[] {
    return this.catalogue.kinds.find(({ kind }) => kind === layer.kind)?.options ?? [];
  }

  #shape(): HTMLElement {
    return this.#text("input_shape", "channels, height, width", "", (value) => this.changes.input(value));
  }

  #control(option: Option): HTMLElement {
    if (!option.is_flag) {
      const title = option.is_needed ? option.name : `${option.name}, optional`;
      return this.#text(option.name, title, option.default, (value) => this.changes.option(option.name, value));
    }
    const id = `${this.id}-${option.name}`;
    const input = element("input", { type: "checkbox", id, name: option.name });
    input.addEventListener("change", () => this.changes.option(option.name, input.checked ? "" : "False"));
    return element("div", { class: "designer-flag" }, input, element("label", { for: id }, option.name));
  }

  #text(name: string, title: string, placeholder: string, onInput: (value: string) => void): HTMLElement {
    const id = `${this.id}-${name}`;
    const input = element("input", {
      id,
      name,
      placeholder,
      autocomplete: "off",
      spellcheck: "false",
      "aria-describedby": this.#words.id,
    });
    input.addEventListener("input", () => onInput(input.value));
    return element("div", {}, element("label", { for: id }, title), input);
  }
}
