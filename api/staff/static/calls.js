// Calls to the gateway: the session's cookie goes by itself, its anti-forgery token from the page.
// @ts-check

/** What the gateway refused, in its own plain words. */
export class Refused extends Error {
  /** @param {string} words @param {number} status */
  constructor(words, status) {
    super(words);
    this.status = status;
  }
}

/**
 * @param {string} path
 * @param {object | null} [body]
 * @param {{signal?: AbortSignal, method?: string}} [options]
 * @returns {Promise<any>} the answer, or null when there is none
 */
export async function call(path, body = null, {signal, method = "POST"} = {}) {
  const token = document.querySelector('meta[name="csrf-token"]')?.getAttribute("content") ?? "";
  const response = await fetch(path, {
    method,
    signal: signal ?? null,
    headers: {...(body ? {"Content-Type": "application/json"} : {}), Accept: "application/json", "X-Guichet-CSRF": token, "Accept-Language": "fr"},
    body: body && JSON.stringify(body),
    cache: "no-store",
  });
  if (!response.ok) {
    const problem = await response.json().catch(() => ({}));
    throw new Refused(problem.detail ?? "L’assistant ne répond pas. Réessayez dans un instant.", response.status);
  }
  return response.status === 204 ? null : response.json();
}

/**
 * @param {unknown} error
 * @returns {boolean} the session has ended: the sign-in page comes, and leads back here
 */
export function signInAgain(error) {
  if (!(error instanceof Refused) || error.status !== 401) return false;
  location.assign(`/staff/sign-in?next=${location.pathname}`);
  return true;
}
