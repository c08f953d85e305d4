// A formula a line in, its MathML a line out: JSON both ways. Temml's module is the argument.

import { createInterface } from "node:readline";

const { default: temml } = await import(process.argv[2]);

for await (const line of createInterface({ input: process.stdin })) {
  const { latex, displayMode, macros } = JSON.parse(line);
  let said;
  try {
    const options = { displayMode, macros, annotate: true, throwOnError: true };
    said = { mathml: temml.renderToString(latex, options) };
  } catch (error) {
    said = { error: error.message };
  }
  process.stdout.write(`${JSON.stringify(said)}\n`);
}
