// Styles in, and out what the site in the current folder can use of them. PurgeCSS's module is the argument.

import { text } from "node:stream/consumers";

const { PurgeCSS } = await import(process.argv[2]);

const [styles] = await new PurgeCSS().purge({
  content: ["**/*.html", "**/*.js"],
  skippedContentGlobs: ["_static/scripts/fontawesome.js", "searchindex.js"], // loaded by no page; has no names
  safelist: { greedy: [/^:(is|where)$/] }, // of rules for several things it leaves out some that are used
  css: [{ raw: await text(process.stdin) }],
});
process.stdout.write(styles.css);
