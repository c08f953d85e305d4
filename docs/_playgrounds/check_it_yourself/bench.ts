// Check it yourself: keeps what the reader types, asks hwlib about it, and shows the verdicts.

import type Temml from "temml";
import { button, element } from "../elements";
import { FOLDER } from "../folder";
import type { Hwlib } from "../playground";
import { Rounds } from "../rounds";
import type { Answer, Catalogue, Example } from "./answers";
import { fromHash, type State, toHash } from "./state";

const ID = "check-it-yourself";
const PAUSE = 300; // milliseconds without a key before what is typed is checked

export class CheckItYourself {
  readonly element = element("div", { class: "checker" });
  readonly #latex = field("latex", "LaTeX", "3");
  readonly #notation = field("notation", "What the letters are, one a line", "5");
  readonly #formula = element("div", { class: "math" });
  readonly #verdicts = element("div", { class: "checker-verdicts" });
  readonly #news = element("p", { class: "visually-hidden", role: "status" });
  readonly #failure = element("p", { class: "checker-failure", role: "alert" });
  readonly #rounds = new Rounds(() => this.#round(), this.#failure);
  #pause: number | undefined;

  static async begin(root: HTMLElement, hwlib: Hwlib): Promise<CheckItYourself> {
    const [{ examples }, { default: temml }] = await Promise.all([
      hwlib.catalogue<Catalogue>(),
      import(new URL("../mathematics/temml.mjs", FOLDER).href) as Promise<{ default: typeof Temml }>,
    ]);
    const options = { displayMode: true, macros: JSON.parse(root.dataset["macros"] ?? "{}") };
    const typeset = (latex: string, where: HTMLElement): void => temml.render(latex, where, options);
    const first = examples.find(({ name }) => name === root.dataset["example"]);
    const bench = new CheckItYourself(hwlib, examples, typeset);
    await bench.#begin(fromHash(location.hash) ?? first ?? { latex: "", notation: "" });
    return bench;
  }

  private constructor(
    readonly hwlib: Hwlib,
    examples: readonly Example[],
    readonly typeset: (latex: string, where: HTMLElement) => void,
  ) {
    const begin = examples.map((example) => button(example.title, () => this.#load(example)));
    const group = { class: "checker-examples", role: "group", "aria-label": "Examples" };
    this.element.append(
      element("div", group, ...begin),
      ...this.#latex.elements,
      ...this.#notation.elements,
      this.#formula,
      this.#verdicts,
      this.#failure,
      this.#news,
      element("p", { class: "checker-share" }, "The address of the page holds what you typed: copy it to share."),
    );
    for (const { box } of [this.#latex, this.#notation]) {
      box.addEventListener("input", () => {
        window.clearTimeout(this.#pause);
        this.#pause = window.setTimeout(() => {
          history.replaceState(history.state, "", toHash(this.#state));
          void this.#rounds.run();
        }, PAUSE);
      });
    }
    window.addEventListener("hashchange", () => {
      const shared = fromHash(location.hash);
      if (shared !== null && toHash(shared) !== toHash(this.#state)) {
        void this.#begin(shared);
      }
    });
  }

  /** The caret at the beginning: at the end, a narrow box would show the end of a long line alone. */
  focus(): void {
    this.#latex.box.focus();
    this.#latex.box.setSelectionRange(0, 0);
  }

  get #state(): State {
    return { latex: this.#latex.box.value, notation: this.#notation.box.value };
  }

  async #begin({ latex, notation }: State): Promise<void> {
    this.#latex.box.value = latex;
    this.#notation.box.value = notation;
    await this.#rounds.run();
  }

  /** Begin anew with an example; the browser's "back" brings back what was typed before. */
  #load(example: Example): void {
    window.clearTimeout(this.#pause);
    history.replaceState(history.state, "", toHash(this.#state));
    history.pushState(history.state, "", toHash(example));
    void this.#begin(example);
  }

  /** Ask about what is typed now. */
  async #round(): Promise<void> {
    this.#verdicts.setAttribute("aria-busy", "true");
    try {
      const asked = this.#state;
      const answer = await this.hwlib.answer<Answer>(asked);
      if (!this.#rounds.isStale) {
        this.#show(answer);
        this.element.dataset["answered"] = toHash(asked);
      }
    } finally {
      this.#verdicts.removeAttribute("aria-busy");
    }
  }

  /** Show the verdicts, and the formula if hwlib could read it: what it refused is set nowhere. */
  #show(answer: Answer): void {
    this.#verdicts.innerHTML = answer.html; // written by Python, which has escaped all that was typed
    this.#news.textContent = answer.words;
    this.#formula.replaceChildren();
    if (answer.formula) {
      this.typeset(answer.formula, this.#formula);
    }
  }
}

interface Field {
  readonly box: HTMLTextAreaElement;
  readonly elements: readonly HTMLElement[];
}

function field(name: string, title: string, rows: string): Field {
  const id = `${ID}-${name}`;
  const box = element("textarea", { id, rows, autocomplete: "off", autocapitalize: "off", spellcheck: "false" });
  return { box, elements: [element("label", { for: id }, title), box] };
}
