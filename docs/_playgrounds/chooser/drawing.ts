// A drawing of plot.py: its frame stays, what is inside moves, and pointing at it may set controls.

import { element } from "../elements";
import type { Choice } from "./answers";
import type { Control } from "./control";

export class Drawing {
  readonly element = element("div");
  readonly #moving: SVGElement;
  readonly #frame: SVGSVGElement;

  constructor(frame: string, pointed: readonly Control[], onChange: () => void) {
    this.element.innerHTML = frame; // hwlib's numbers and our own words
    const [drawn, moving] = [this.element.querySelector("svg"), this.element.querySelector<SVGElement>(".plot-moving")];
    if (drawn === null || moving === null) {
      throw new Error("a frame has nothing that moves");
    }
    this.#frame = drawn;
    this.#moving = moving;
    if (pointed.length > 0) {
      this.element.classList.add("chooser-pointed");
      this.#listen(pointed, onChange);
    }
  }

  show(moving: string): void {
    this.#moving.innerHTML = moving;
  }

  /** Take what lies nearest to the pointer while it is held down. */
  #listen(pointed: readonly Control[], onChange: () => void): void {
    const choose = (event: PointerEvent): void => {
      const toUnits = this.#frame.getScreenCTM()?.inverse();
      if (toUnits === undefined) {
        return;
      }
      const { x, y } = new DOMPoint(event.clientX, event.clientY).matrixTransform(toUnits);
      const changed = pointed.filter((control) => control.set(nearest(control.offered.choices, x, y)));
      if (changed.length > 0) {
        onChange();
      }
    };
    this.element.addEventListener("pointerdown", (event) => {
      this.element.setPointerCapture(event.pointerId);
      choose(event);
    });
    this.element.addEventListener("pointermove", (event) => {
      if (this.element.hasPointerCapture(event.pointerId)) {
        choose(event);
      }
    });
  }
}

/** The choice whose place is nearest; a coordinate that it does not have does not count. */
function nearest(choices: readonly Choice[], x: number, y: number): string {
  let found = "";
  let least = Number.POSITIVE_INFINITY;
  for (const { written, place } of choices) {
    const distance = Math.hypot((place?.[0] ?? x) - x, (place?.[1] ?? y) - y);
    if (place !== null && distance < least) {
      [found, least] = [written, distance];
    }
  }
  return found;
}
