// Where the site has the playgrounds' files; a script knows its address while it is first run.

export const FOLDER = new URL(".", (document.currentScript as HTMLScriptElement).src);
