// A file of the site, as it is now: a new build has the same names.

export async function fetched(address: URL): Promise<Response> {
  const response = await fetch(address, { cache: "no-cache" });
  if (!response.ok) {
    throw new Error(`${response.url}: ${response.status} ${response.statusText}`);
  }
  return response;
}
