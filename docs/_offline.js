// The book without a network: a worker of the browser that keeps the pages when a reader first comes, keeps what
// else they load as it is loaded, and answers with that when the site does not. While the site answers, it is asked.
//
// docs/_extensions/offline.py writes SITE in front: the site's version, which changes with any page, and what it keeps.

const OURS = `hwlib ${self.registration.scope} `;
const KEPT = `${OURS}${SITE.version}`;

self.addEventListener("install", (event) => {
  self.skipWaiting();
  event.waitUntil(keepPages());
});

self.addEventListener("activate", (event) => event.waitUntil(begin()));

self.addEventListener("fetch", (event) => {
  const { method, url } = event.request;
  if (method === "GET" && url.startsWith(self.registration.scope)) {
    event.respondWith(answer(event));
  }
});

// What the first page loaded before this worker was there
self.addEventListener("message", (event) => event.waitUntil(keep(event.data)));

async function keepPages() {
  const cache = await caches.open(KEPT);
  await cache.addAll(SITE.pages.map((page) => new Request(page, { cache: "no-cache" })));
}

async function begin() {
  const old = (await caches.keys()).filter((name) => name.startsWith(OURS) && name !== KEPT);
  await Promise.all(old.map((name) => caches.delete(name)));
  await self.clients.claim();
}

async function keep(addresses) {
  const cache = await caches.open(KEPT);
  for (const address of addresses) {
    if (address.startsWith(self.registration.scope) && (await cache.match(address)) === undefined) {
      await cache.add(address);
    }
  }
}

async function answer(event) {
  const cache = await caches.open(KEPT);
  try {
    const response = await fetch(event.request);
    if (response.ok) {
      event.waitUntil(cache.put(event.request, response.clone()));
    }
    return response;
  } catch (error) {
    const address = event.request.url.replace(/[?#].*/, "").replace(/\/$/, "/index.html");
    const kept = await cache.match(address, { ignoreSearch: true });
    if (kept === undefined) {
      throw error;
    }
    return kept;
  }
}
