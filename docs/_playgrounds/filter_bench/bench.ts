// The filter bench: keeps what the reader paints, asks hwlib about it, and shows both results.

import { button, element } from "../elements";
import type { Hwlib } from "../playground";
import { Rounds } from "../rounds";
import type { Answer, Catalogue, Place, Results, Setting, Way } from "./answers";
import { captioned, Grid } from "./grid";
import { Kernel } from "./kernel";
import { Painting } from "./painting";
import { fromHash, toHash } from "./state";

const ID = "filter-bench";
const SIZE = 5;
const PAUSE = 500; // milliseconds without a change before a screen reader is told

export class FilterBench {
  readonly element = element("div", { class: "filter" });
  readonly #painting: Painting;
  readonly #kernel: Kernel;
  readonly #results: Readonly<Record<Way, Grid>>;
  readonly #sums = element("div", { class: "filter-sums" });
  readonly #source: HTMLElement;
  readonly #search = element("p", { class: "filter-search" });
  readonly #news = element("p", { class: "visually-hidden", role: "status" });
  readonly #failure = element("p", { class: "filter-failure", role: "alert" });
  readonly #rounds = new Rounds(() => this.#round(), this.#failure);
  #pause: number | undefined;

  static async begin(root: HTMLElement, hwlib: Hwlib): Promise<FilterBench> {
    const catalogue = await hwlib.catalogue<Catalogue>();
    const first = catalogue.presets.find(({ name }) => name === root.dataset["begin"]);
    const setting = fromHash(location.hash) ?? first?.setting;
    if (setting === undefined) {
      throw new Error(`there is no setting ${root.dataset["begin"]} to begin with`);
    }
    const bench = new FilterBench(hwlib, catalogue, setting);
    await bench.#rounds.run();
    return bench;
  }

  private constructor(
    readonly hwlib: Hwlib,
    catalogue: Catalogue,
    private setting: Setting,
  ) {
    this.#painting = new Painting("Paint the image", SIZE, (image) => this.#change({ image }));
    this.#kernel = new Kernel(ID, catalogue.kernels, (kernel) => this.#change({ kernel }));
    const choose = (place: Place): void => this.#change({ place });
    this.#results = {
      correlation: new Grid("Correlation", SIZE, choose, choose),
      convolution: new Grid("Convolution", SIZE, choose, choose),
    };
    const rows = catalogue.source.map((row) => {
      const cells = row.map((number) => element("div", { role: "cell" }, number));
      return element("div", { role: "row" }, ...cells);
    });
    this.#source = captioned("In the source", element("div", { role: "table" }, ...rows));
    const presets = catalogue.presets.map(({ title, setting }) => button(title, () => this.#load(setting)));
    const grids = [
      this.#painting.grid.captioned,
      this.#kernel.captioned,
      this.#results.correlation.captioned,
      this.#results.convolution.captioned,
      this.#source,
    ];
    this.element.append(
      element("div", { class: "filter-presets", role: "group", "aria-label": "Examples" }, ...presets),
      this.#kernel.list,
      element("div", { class: "filter-grids" }, ...grids),
      this.#search,
      element("div", {}, button("Slide the window on", () => this.#slide())),
      this.#sums,
      this.#failure,
      this.#news,
      element("p", { class: "filter-share" }, "The address of the page holds this setting: copy it to share."),
    );
    window.addEventListener("hashchange", () => {
      const shared = fromHash(location.hash);
      if (shared !== null && toHash(shared) !== toHash(this.setting)) {
        this.setting = shared;
        void this.#rounds.run();
      }
    });
  }

  focus(): void {
    this.#painting.grid.focus();
  }

  #change(change: Partial<Setting>): void {
    this.setting = { ...this.setting, ...change };
    history.replaceState(history.state, "", toHash(this.setting));
    void this.#rounds.run();
  }

  /** Go to a preset; the browser's "back" brings back what was there before. */
  #load(setting: Setting): void {
    history.replaceState(history.state, "", toHash(this.setting));
    history.pushState(history.state, "");
    this.#change(setting);
  }

  /** To the next place, in the order of reading; after the last comes the first. */
  #slide(): void {
    const [row, column] = this.setting.place;
    const next = (row * SIZE + column + 1) % SIZE ** 2;
    this.#change({ place: [Math.floor(next / SIZE), next % SIZE] });
  }

  async #round(): Promise<void> {
    const asked = this.setting;
    this.#painting.show(asked.image, asked.place);
    this.#kernel.show(asked.kernel);
    const answer = await this.hwlib.answer<Answer>(asked);
    if ("error" in answer) {
      throw new Error(answer.error);
    }
    this.#show(asked, answer);
    this.element.dataset["answered"] = toHash(asked);
  }

  #show({ place, is_search }: Setting, answer: Results): void {
    const isChosen = ([row, column]: Place): boolean => row === place[0] && column === place[1];
    const isRight = ([row, column]: Place): boolean => answer.right?.[row]?.[column] ?? false;
    this.#results.correlation.show(
      answer.correlation,
      isChosen,
      (at) => (is_search && isRight(at) ? "filter-right" : ""),
      (at) => (is_search ? (isRight(at) ? ", as in the source" : ", not as in the source") : ""),
    );
    this.#results.convolution.show(answer.convolution, isChosen, () => "");
    this.#results.convolution.captioned.hidden = is_search;
    this.#source.hidden = !is_search;
    this.#search.textContent = answer.search;
    const where = `row ${place[0] + 1}, column ${place[1] + 1}`;
    this.#sums.replaceChildren(
      element("p", { class: "filter-where" }, `Correlation in ${where}`),
      element("p", {}, answer.sums.correlation),
      element("p", { class: "filter-where" }, `Convolution in ${where}: the kernel is turned`),
      element("p", {}, answer.sums.convolution),
    );
    window.clearTimeout(this.#pause);
    this.#pause = window.setTimeout(() => {
      this.#news.textContent = `${answer.search} ${answer.words}`;
    }, PAUSE);
  }
}
