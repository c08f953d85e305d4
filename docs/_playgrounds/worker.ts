// Python off the main thread: loads Pyodide and hwlib's own wheel from the site, and calls what it is asked to.

import type { PyodideInterface } from "pyodide";
import { fetched } from "./fetched";
import type { Call, Reply } from "./messages";

interface Load {
  readonly archives: readonly string[]; // wheels, and the playgrounds' own modules
  readonly bytes: number; // of all that is fetched
}

interface Loads {
  readonly playgrounds: Readonly<Record<string, Load>>;
  readonly platform: unknown; // what Pyodide's list of packages says of its interpreter
}

const HERE = self.location.href;
const PYODIDE = new URL("../pyodide/", HERE).href;
const python = start();

self.addEventListener("message", async ({ data: call }: MessageEvent<Call>) => {
  try {
    const module = (await python).pyimport(call.module);
    const answer: string = module[call.name](call.request);
    say({ kind: "answer", number: call.number, answer });
  } catch (error) {
    say({ kind: "failure", number: call.number, words: lastLine(error) });
  }
});

async function start(): Promise<PyodideInterface> {
  const { playgrounds, platform } = (await (await fetched(new URL("loads.json", HERE))).json()) as Loads;
  const playground = self.location.search.slice(1);
  const wanted = playgrounds[playground];
  if (wanted === undefined) {
    throw new Error(`there is no playground ${playground}`);
  }
  countBytes(wanted.bytes);
  const archives = Promise.all(wanted.archives.map(load));
  archives.catch(() => undefined); // told below, when Python is there
  const { loadPyodide } = await import(`${PYODIDE}pyodide.mjs`);
  const started: PyodideInterface = await loadPyodide({
    indexURL: PYODIDE,
    packageBaseUrl: PYODIDE,
    // else it would ask for its list of packages, none of which is wanted
    lockFileContents: JSON.stringify({ info: platform, packages: {} }),
  });
  for (const { name, content } of await archives) {
    started.unpackArchive(content, name.endsWith(".whl") ? "wheel" : "zip");
  }
  return started;
}

async function load(name: string): Promise<{ name: string; content: ArrayBuffer }> {
  return { name, content: await (await fetched(new URL(name, HERE))).arrayBuffer() };
}

/** Report what comes in, whoever asks for it: Pyodide fetches its largest files itself. */
function countBytes(total: number): void {
  const fetchUncounted = self.fetch;
  let bytes = 0;
  self.fetch = async (...request: Parameters<typeof fetch>) => {
    const response = await fetchUncounted(...request);
    if (response.body === null) {
      return response;
    }
    const counter = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
      transform(chunk, onwards) {
        bytes += chunk.byteLength;
        say({ kind: "progress", share: bytes / total });
        onwards.enqueue(chunk);
      },
    });
    const { status, statusText, headers } = response;
    return new Response(response.body.pipeThrough(counter), { status, statusText, headers });
  };
}

function say(reply: Reply): void {
  self.postMessage(reply);
}

/** What a Python error says, without its traceback. */
function lastLine(error: unknown): string {
  const words = error instanceof Error ? error.message : String(error);
  return words.trim().split("\n").at(-1) ?? words;
}
