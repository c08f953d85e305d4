// The convnet designer: keeps what the reader has made, asks hwlib about it, and shows the answer.

import { button, element } from "../elements";
import type { Hwlib } from "../playground";
import { Rounds } from "../rounds";
import type { Answer, Catalogue, TypedLayer, TypedNetwork } from "./answers";
import { FieldView } from "./field";
import { Form } from "./form";
import { fromHash, type State, toHash } from "./state";
import { Table } from "./table";

const ID = "convnet-designer";

export class ConvnetDesigner {
  readonly element = element("div", { class: "designer" });
  readonly #news = element("p", { class: "designer-news visually-hidden", role: "status" });
  readonly #arithmetic = element("dl", { class: "designer-arithmetic" });
  readonly #failure = element("p", { class: "designer-words", role: "alert" });
  readonly #table: Table;
  readonly #form: Form;
  readonly #field: FieldView;
  #pixel: readonly [number, number] | null = null;
  readonly #rounds = new Rounds(() => this.#round(), this.#failure);
  #tabled: State | null = null; // whose figures the table has
  #announcement: number | undefined;

  /** Get hwlib's layers and the first answer; only then is there something to show. */
  static async begin(root: HTMLElement, hwlib: Hwlib): Promise<ConvnetDesigner> {
    const catalogue = await hwlib.catalogue<Catalogue>();
    const shared = fromHash(location.hash);
    const network = catalogue.networks.find(({ name }) => name === root.dataset["network"]);
    const designer = new ConvnetDesigner(root, hwlib, catalogue, shared ?? stateOf(network));
    await designer.#rounds.run();
    return designer;
  }

  private constructor(
    readonly root: HTMLElement,
    readonly hwlib: Hwlib,
    readonly catalogue: Catalogue,
    private state: State,
  ) {
    this.#table = new Table(ID, (selected) => this.#change({ selected, place: null }));
    this.#field = new FieldView(
      ID,
      (place) => this.#change({ place }),
      (pixel) => this.#point(pixel),
    );
    this.#form = new Form(ID, catalogue, {
      input: (input) => this.#change({ input, place: null }),
      option: (name, value) => this.#setOption(name, value),
      add: (kind) => this.#add(kind),
      move: (by) => this.#move(by),
      remove: () => this.#remove(),
    });
    const networks = catalogue.networks.map((network) => button(network.title, () => this.#load(network)));
    const group = { class: "designer-presets", role: "group", "aria-label": "Networks" };
    const presets = element("div", group, ...networks);
    const behind = element(
      "details",
      { class: "designer-behind" },
      element("summary", {}, "The arithmetic behind its figures"),
      this.#arithmetic,
    );
    const sharing = "The address of the page holds this network: copy it to share.";
    const share = element("p", { class: "designer-share" }, sharing);
    const chosen = element("div", { class: "designer-chosen" }, this.#form.element, behind);
    const parts = [this.#table.element, chosen, this.#field.element];
    if (root.dataset["first"] === "field") {
      parts.unshift(...parts.splice(2));
    }
    this.element.append(presets, ...parts, this.#failure, this.#news, share);
    window.addEventListener("hashchange", () => {
      const shared = fromHash(location.hash);
      if (shared !== null && toHash(shared) !== toHash(this.state)) {
        this.state = shared;
        void this.#rounds.run();
      }
    });
  }

  focus(): void {
    this.#table.focus(this.state.selected);
  }

  #change(change: Partial<State>): void {
    this.state = { ...this.state, ...change };
    this.#pixel = null;
    this.#write();
    void this.#rounds.run();
  }

  #point(pixel: readonly [number, number]): void {
    this.#pixel = pixel;
    void this.#rounds.run();
  }

  /** Begin anew with a network; the browser's "back" brings the one before it back. */
  #load(network: TypedNetwork): void {
    this.#write();
    history.pushState(history.state, "");
    this.#change(stateOf(network));
  }

  #setOption(name: string, value: string): void {
    const at = this.state.selected - 1;
    const layers = this.state.layers.map((layer, position) =>
      position === at ? { ...layer, options: { ...layer.options, [name]: value } } : layer,
    );
    this.#change({ layers, place: null });
  }

  #add(name: string): void {
    const start = this.catalogue.kinds.find(({ kind }) => kind === name)?.start ?? {};
    const at = Math.min(this.state.selected, this.state.layers.length);
    const layers = [...this.state.layers];
    layers.splice(at, 0, { kind: name, options: { ...start } });
    this.#change({ layers, selected: at + 1, place: null });
  }

  #move(by: -1 | 1): void {
    const at = this.state.selected - 1;
    if (at + by < 0 || at + by >= this.state.layers.length) {
      return;
    }
    const layers: TypedLayer[] = [...this.state.layers];
    layers.splice(at + by, 0, ...layers.splice(at, 1));
    this.#change({ layers, selected: at + by + 1, place: null });
  }

  #remove(): void {
    const at = this.state.selected - 1;
    const layers = this.state.layers.filter((_, position) => position !== at);
    this.#change({ layers, selected: Math.min(at + 1, layers.length), place: null });
    this.#table.focus(this.state.selected);
  }

  #write(): void {
    history.replaceState(history.state, "", toHash(this.state));
  }

  async #round(): Promise<void> {
    const asked = this.state;
    const answer = await this.hwlib.answer<Answer>({ ...asked, pixel: this.#pixel });
    if (isSameNetwork(asked, this.state)) {
      this.#show(answer, !this.#rounds.isStale);
    }
  }

  /** Show an answer; while a neuron is dragged also one that is not the newest, but then leave the sliders. */
  #show(answer: Answer, isNewest: boolean): void {
    if (this.#pixel !== null && isNewest) {
      this.#pixel = null;
      this.state = { ...this.state, place: answer.field?.place ?? null };
      this.#write();
    }
    if (this.#tabled === null || !isSameNetwork(this.#tabled, this.state)) {
      this.#tabled = this.state;
      this.#table.show(this.state, answer);
      this.#form.show(this.state, answer);
      const lines = answer.arithmetic.map(({ figure, arithmetic }) => [
        element("dt", {}, figure),
        element("dd", {}, arithmetic),
      ]);
      this.#arithmetic.replaceChildren(...lines.flat());
    }
    const looked = answer.field?.layer ?? 0;
    this.#field.show(answer.field, looked === 0 ? "the input" : `layer ${looked}`, isNewest);
    if (isNewest) {
      this.#announce(answer);
      this.element.dataset["answered"] = toHash(this.state);
    }
  }

  /** Tell a screen reader what came out when the reader has paused. */
  #announce(answer: Answer): void {
    window.clearTimeout(this.#announcement);
    this.#announcement = window.setTimeout(() => {
      const { total, errors, field } = answer;
      const counts =
        total === null
          ? errors.map(({ words }) => words)
          : [`${total.parameters} parameters, ${total.neurons} neurons, ${total.multiply_adds} multiply-adds.`];
      this.#news.textContent = [...counts, field?.words ?? ""].join(" ");
    }, 500);
  }
}

function stateOf(network: TypedNetwork | undefined): State {
  const layers = network?.layers ?? [];
  return { input: network?.input ?? "1, 32, 32", layers, selected: layers.length, place: null };
}

/** Whether two states differ in the neuron alone. */
function isSameNetwork(one: State, other: State): boolean {
  return one.input === other.input && one.layers === other.layers && one.selected === other.selected;
}
