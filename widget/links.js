/** Which links a reply may carry, and how a phone number becomes one. */

const ALLOWED = new Set(["https:", "http:", "tel:", "mailto:", "sms:"]);

/**
 * @param {string | null | undefined} address
 * @param {string | URL} base What a relative address is relative to.
 * @returns {URL | null} Null when it is no address or its scheme is not allowed (`javascript:`, `data:`…).
 */
export function safeLink(address, base) {
  if (!address || !URL.canParse(address, base)) return null;
  const url = new URL(address, base);
  return ALLOWED.has(url.protocol) ? url : null;
}

/** The gateway's own page of the papers to bring, when it does not know its public address. */
const PAPERS = /^\/papers\/[a-z0-9-]+\?language=[a-z]{2,3}$/;

/**
 * @param {string | null} address
 * @param {URL} gateway Its root, under which that page is; the site that shows the widget has none.
 * @returns {string | null} The address as it was, unless it is that page's.
 */
export function fromGateway(address, gateway) {
  return address && PAPERS.test(address) ? new URL(address.slice(1), gateway).href : address;
}

/**
 * @param {URL} url
 * @param {string} origin The origin of the page that shows the widget.
 */
export function leavesSite(url, origin) {
  return url.protocol.startsWith("http") && url.origin !== origin;
}

/**
 * RFC 3966: a global number for ten French digits, a local one for short numbers (3919, 15).
 *
 * @param {string} phone As people write it: « 04 65 71 00 00 », « +33 4 65 71 00 00 ».
 */
export function telLink(phone) {
  const digits = phone.replace(/\(0\)/, "").replace(/[^\d+]/g, "");
  return `tel:${digits.length === 10 && digits.startsWith("0") ? `+33${digits.slice(1)}` : digits}`;
}
