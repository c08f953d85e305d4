// The receptive field on the image: drawn by convnet_designer/drawing.py, moved by sliders or by pointing at a pixel.

import { element } from "../elements";
import type { Field } from "./answers";

export class FieldView {
  readonly element = element("figure", { class: "designer-field" });
  readonly #title = element("p", { class: "designer-field-title" });
  readonly #drawing = element("div", { class: "designer-drawing" });
  readonly #words = element("figcaption");
  readonly #row: HTMLInputElement;
  readonly #column: HTMLInputElement;
  readonly #sliders: HTMLElement;

  constructor(
    id: string,
    onPlace: (place: readonly [number, number]) => void,
    onPixel: (pixel: readonly [number, number]) => void,
  ) {
    this.#row = element("input", { type: "range", id: `${id}-row`, min: "0" });
    this.#column = element("input", { type: "range", id: `${id}-column`, min: "0" });
    this.#sliders = element(
      "div",
      { class: "designer-sliders" },
      element("label", { for: `${id}-row` }, "The neuron's row"),
      this.#row,
      element("label", { for: `${id}-column` }, "The neuron's column"),
      this.#column,
    );
    this.#sliders.addEventListener("input", () => {
      onPlace([Number(this.#row.value), Number(this.#column.value)]);
    });
    this.element.append(this.#title, this.#drawing, this.#sliders, this.#words);
    this.#point(onPixel);
  }

  show(field: Field | null, name: string, isNewest: boolean): void {
    this.element.hidden = field === null;
    if (field === null) {
      return;
    }
    this.#title.textContent = `What a neuron of ${name} sees`;
    this.#drawing.innerHTML = field.drawing; // hwlib's numbers and our own words
    this.#words.textContent = `${field.words} ${field.legend}`;
    this.#sliders.hidden = field.place === null || field.places === null;
    if (isNewest && field.place !== null && field.places !== null) {
      place(this.#row, field.place[0], field.places[0]);
      place(this.#column, field.place[1], field.places[1]);
    }
  }

  /** Send the pixel under the pointer while it is held down. */
  #point(onPixel: (pixel: readonly [number, number]) => void): void {
    const send = (event: PointerEvent): void => {
      const drawing = this.#drawing.querySelector("svg");
      const toPixels = drawing?.getScreenCTM()?.inverse();
      if (toPixels !== undefined && !this.#sliders.hidden) {
        const { x, y } = new DOMPoint(event.clientX, event.clientY).matrixTransform(toPixels);
        onPixel([Math.floor(y), Math.floor(x)]);
      }
    };
    this.#drawing.addEventListener("pointerdown", (event) => {
      this.#drawing.setPointerCapture(event.pointerId);
      send(event);
    });
    this.#drawing.addEventListener("pointermove", (event) => {
      if (this.#drawing.hasPointerCapture(event.pointerId)) {
        send(event);
      }
    });
  }
}

function place(slider: HTMLInputElement, at: number, count: number): void {
  slider.max = String(count - 1);
  slider.value = String(at);
  slider.disabled = count === 1;
}
