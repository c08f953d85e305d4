// The playgrounds of a page: each is a still figure until it is touched, and loads nothing before.

import { CheckItYourself } from "./check_it_yourself/bench";
import { Chooser } from "./chooser/bench";
import { Computed } from "./computed";
import { ConvnetDesigner } from "./convnet_designer/designer";
import { button, element } from "./elements";
import { FilterBench } from "./filter_bench/bench";
import { FOLDER } from "./folder";
import type { Hwlib, PlaygroundClass } from "./playground";
import { Python } from "./python";

const PLAYGROUNDS: Readonly<Record<string, PlaygroundClass>> = {
  "check-it-yourself": CheckItYourself,
  "convnet-designer": ConvnetDesigner,
  "filter-bench": FilterBench,
  "optimizer-bench": Chooser,
  "rate-bench": Chooser,
};

function prepare(root: HTMLElement): void {
  const sentence = root.querySelector(".playground-sentence");
  const name = root.dataset["playground"] ?? "";
  const Playground = PLAYGROUNDS[name];
  if (sentence === null || Playground === undefined) {
    return;
  }
  if (location.protocol === "file:") {
    const command = element("code", {}, "python -m http.server");
    sentence.replaceChildren(
      "To change it by hand, open this page through a web server: a browser runs no playground from a file. ",
      "In the folder of the site, ",
      command,
      " starts one.",
    );
    return;
  }
  if (Playground !== Chooser && (typeof WebAssembly !== "object" || typeof Worker !== "function")) {
    return;
  }
  const size = element("span", { class: "playground-size" }, `loads ${root.dataset["megabytes"] ?? ""} MB, once`);
  const begin = button("Change it by hand", () => void start(root, name, Playground), { class: "playground-begin" });
  sentence.replaceChildren(begin, " ", size);
  const open = (): void => {
    if (location.hash.startsWith(`#${name}=`)) {
      void start(root, name, Playground);
      root.scrollIntoView();
    }
  };
  window.addEventListener("hashchange", open);
  open();
}

async function start(root: HTMLElement, name: string, Playground: PlaygroundClass): Promise<void> {
  const sentence = root.querySelector<HTMLElement>(".playground-sentence");
  const still = root.querySelector<HTMLElement>(".playground-still");
  if (sentence === null || still === null || root.dataset["begun"] === "yes") {
    return;
  }
  root.dataset["begun"] = "yes";
  const before = [...sentence.childNodes];
  const bar = element("progress", { "aria-label": "Loading" });
  const news = element("span", { role: "status" }, "Loading …");
  sentence.replaceChildren(bar, " ", news);
  const hwlib = answering(name, Playground, (share) => {
    bar.value = share;
    if (share >= 1) {
      news.textContent = "Starting Python …";
      bar.removeAttribute("value");
    }
  });
  try {
    const playground = await Playground.begin(root, hwlib);
    still.hidden = true;
    sentence.hidden = true;
    root.append(playground.element);
    playground.focus();
  } catch (error) {
    hwlib.stop();
    delete root.dataset["begun"];
    const words = error instanceof Error ? error.message : String(error);
    sentence.replaceChildren(...before, element("span", { role: "alert" }, ` It could not be loaded: ${words}`));
  }
}

/** hwlib itself, run in the page, or what it has answered when the book was built. */
function answering(name: string, Playground: PlaygroundClass, onProgress: (share: number) => void): Hwlib {
  const module = name.replaceAll("-", "_");
  return Playground === Chooser
    ? new Computed(new URL(`${module}.json`, FOLDER))
    : new Python(new URL("worker.js", FOLDER), module, onProgress);
}

for (const root of document.querySelectorAll<HTMLElement>("[data-playground]")) {
  prepare(root);
}
