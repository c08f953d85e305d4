// The image: pressing a pixel turns it round, and dragging from there paints others like it.

import type { Place } from "./answers";
import { Grid } from "./grid";

export class Painting {
  readonly grid: Grid;
  #image = "";
  #paint: string | null = null; // what dragging paints with

  constructor(
    caption: string,
    readonly size: number,
    readonly onPaint: (image: string) => void,
  ) {
    this.grid = new Grid(caption, size, (place, isByKeys) => {
      if (isByKeys) {
        this.#set(place, this.#turned(place)); // a pointer has painted it when it went down
      }
    });
    const { element } = this.grid;
    element.classList.add("filter-image", "filter-painting");
    element.addEventListener("pointerdown", (event) => this.#begin(event));
    element.addEventListener("pointermove", (event) => this.#go(event));
  }

  /** Show the image, with the window of the kernel around a place. */
  show(image: string, [row, column]: Place): void {
    this.#image = image;
    const places = [...Array(this.size).keys()];
    const isUnder = ([i, j]: Place): boolean => Math.abs(i - row) <= 1 && Math.abs(j - column) <= 1;
    this.grid.show(
      places.map((i) => places.map((j) => this.#at([i, j]))),
      (place) => this.#at(place) === "1",
      (place) => (isUnder(place) ? "filter-window" : ""),
    );
  }

  #begin(event: PointerEvent): void {
    const place = this.#placeUnder(event);
    if (place !== null && event.button === 0) {
      this.#paint = this.#turned(place);
      this.#set(place, this.#paint);
    }
  }

  #go(event: PointerEvent): void {
    if (event.buttons === 0) {
      this.#paint = null;
    }
    const place = this.#placeUnder(event);
    if (place !== null && this.#paint !== null && this.#at(place) !== this.#paint) {
      this.#set(place, this.#paint);
    }
  }

  /** A finger stays with the button where it went down, so the place is looked up. */
  #placeUnder({ clientX, clientY }: PointerEvent): Place | null {
    const found = document.elementFromPoint(clientX, clientY);
    return found instanceof HTMLElement ? this.grid.placeOf(found) : null;
  }

  #at([row, column]: Place): string {
    return this.#image.charAt(row * this.size + column);
  }

  #turned(place: Place): string {
    return this.#at(place) === "1" ? "0" : "1";
  }

  #set([row, column]: Place, pixel: string): void {
    const at = row * this.size + column;
    this.#image = this.#image.slice(0, at) + pixel + this.#image.slice(at + 1);
    this.onPaint(this.#image);
  }
}
