// A bench whose reader chooses among settings: shows what hwlib answered to each when the book was built.

import { button, element } from "../elements";
import type { Hwlib, Playground } from "../playground";
import { Rounds } from "../rounds";
import type { Answer, Catalogue } from "./answers";
import { Control } from "./control";
import { Drawing } from "./drawing";
import { fromHash, type State, toHash } from "./state";

const PAUSE = 500; // milliseconds without a change before it is written in the address and told a screen reader

export class Chooser implements Playground {
  readonly element = element("div", { class: "chooser" });
  readonly #words = element("p", { class: "chooser-words" });
  readonly #news = element("p", { class: "visually-hidden", role: "status" });
  readonly #failure = element("p", { class: "chooser-failure", role: "alert" });
  readonly #rounds = new Rounds(() => this.#round(), this.#failure);
  readonly #controls: readonly Control[];
  readonly #drawings: readonly Drawing[];
  #pause: number | undefined;

  static async begin(root: HTMLElement, hwlib: Hwlib): Promise<Chooser> {
    const catalogue = await hwlib.catalogue<Catalogue>();
    const chooser = new Chooser(root.dataset["playground"] ?? "", hwlib, catalogue);
    chooser.#set((root.dataset["begin"] ?? "").split(";"));
    const shared = fromHash(chooser.id, location.hash);
    if (shared !== null) {
      chooser.#set(shared);
      chooser.#write(); // for not all that is written there may be offered
    }
    await chooser.#rounds.run();
    return chooser;
  }

  private constructor(
    readonly id: string,
    readonly hwlib: Hwlib,
    catalogue: Catalogue,
  ) {
    this.#controls = catalogue.controls.map((offered) => new Control(id, offered, () => this.#change()));
    this.#drawings = catalogue.frames.map((frame, position) => {
      const pointed = this.#controls.filter(({ offered }) => offered.drawing === position);
      return new Drawing(frame, pointed, () => this.#change());
    });
    const presets = catalogue.presets.map(({ title, setting }) => button(title, () => this.#load(setting)));
    this.element.append(
      element("div", { class: "chooser-presets", role: "group", "aria-label": "Examples" }, ...presets),
      element("div", { class: "chooser-controls" }, ...this.#controls.map((control) => control.element)),
      element("div", { class: "chooser-drawings" }, ...this.#drawings.map((drawing) => drawing.element)),
      this.#words,
      this.#failure,
      this.#news,
      element("p", { class: "chooser-share" }, "The address of the page holds this setting: copy it to share."),
    );
    window.addEventListener("hashchange", () => {
      window.clearTimeout(this.#pause);
      const shared = fromHash(id, location.hash);
      if (shared !== null && toHash(id, shared) !== toHash(id, this.#state)) {
        this.#set(shared);
        void this.#rounds.run();
      }
    });
  }

  focus(): void {
    this.#controls[0]?.focus();
  }

  get #state(): State {
    return this.#controls.map((control) => control.written);
  }

  /** Set the controls; what a control does not offer leaves it as it is. */
  #set(state: State): void {
    for (const [position, control] of this.#controls.entries()) {
      control.set(state[position] ?? "");
    }
  }

  #change(): void {
    void this.#rounds.run();
    window.clearTimeout(this.#pause);
    this.#pause = window.setTimeout(() => {
      this.#write();
      this.#news.textContent = this.#words.textContent;
    }, PAUSE);
  }

  /** Go to a preset; the browser's "back" brings what was there before. */
  #load(setting: State): void {
    this.#write();
    history.pushState(history.state, "");
    this.#set(setting);
    this.#write();
    this.#change();
  }

  #write(): void {
    history.replaceState(history.state, "", toHash(this.id, this.#state));
  }

  async #round(): Promise<void> {
    const asked = this.#state;
    const answer = await this.hwlib.answer<Answer>(asked.join(";"));
    for (const [position, drawing] of this.#drawings.entries()) {
      drawing.show(answer.drawings[position] ?? "");
    }
    this.#words.textContent = answer.words;
    this.element.dataset["answered"] = toHash(this.id, asked);
  }
}
