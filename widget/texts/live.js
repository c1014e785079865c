/**
 * What the widget says of a live conversation, apart from texts/<language>.js since few conversations need it. The
 * rest comes from the gateway. A language without its line here is told in French.
 *
 * @typedef {{ask: string, leave: string, person: string, cut: string, sent: string, message: string, failed: string}} LiveTexts
 *   `person` follows a name, so that nobody takes it for the assistant; `message` names the field while that person reads it.
 */

import { directionOf, fill } from "./index.js";

/** @type {Record<string, LiveTexts>} */
export const LIVE = {
  fr: { ask: "Parler en direct avec une personne", leave: "Revenir à l’assistant", person: "{name} (une personne), {service}", cut: "Connexion coupée. Nous réessayons…", sent: "Message transmis.", message: "Votre message", failed: "Votre demande n’a pas pu être envoyée. Réessayez." },
  en: { ask: "Talk live with a person", leave: "Back to the assistant", person: "{name} (a person), {service}", cut: "Connection lost. We are trying again…", sent: "Message passed on.", message: "Your message", failed: "Your request could not be sent. Try again." },
  es: { ask: "Hablar en directo con una persona", leave: "Volver al asistente", person: "{name} (una persona), {service}", cut: "Conexión cortada. Lo intentamos de nuevo…", sent: "Mensaje transmitido.", message: "Su mensaje", failed: "No se ha podido enviar su solicitud. Inténtelo de nuevo." },
  pt: { ask: "Falar em direto com uma pessoa", leave: "Voltar ao assistente", person: "{name} (uma pessoa), {service}", cut: "Ligação cortada. Estamos a tentar de novo…", sent: "Mensagem transmitida.", message: "A sua mensagem", failed: "Não foi possível enviar o seu pedido. Tente de novo." },
  it: { ask: "Parlare in diretta con una persona", leave: "Tornare all’assistente", person: "{name} (una persona), {service}", cut: "Connessione interrotta. Riproviamo…", sent: "Messaggio trasmesso.", message: "Il suo messaggio", failed: "Non è stato possibile inviare la richiesta. Riprovi." },
  de: { ask: "Direkt mit einem Menschen sprechen", leave: "Zurück zum Assistenten", person: "{name} (ein Mensch), {service}", cut: "Verbindung unterbrochen. Wir versuchen es noch einmal…", sent: "Nachricht weitergegeben.", message: "Ihre Nachricht", failed: "Ihre Anfrage konnte nicht gesendet werden. Versuchen Sie es noch einmal." },
  ar: { ask: "التحدث مباشرة مع شخص", leave: "العودة إلى المساعد", person: "{name} (إنسان)، {service}", cut: "انقطع الاتصال. نحاول من جديد…", sent: "تم نقل الرسالة.", message: "رسالتكم", failed: "لم نتمكن من إرسال طلبكم. حاولوا من جديد." },
  tr: { ask: "Bir kişiyle canlı konuşmak", leave: "Asistana dönmek", person: "{name} (bir insan), {service}", cut: "Bağlantı kesildi. Yeniden deniyoruz…", sent: "Mesaj iletildi.", message: "Mesajınız", failed: "Talebiniz gönderilemedi. Yeniden deneyin." },
  ro: { ask: "Vorbiți în direct cu o persoană", leave: "Înapoi la asistent", person: "{name} (o persoană), {service}", cut: "Legătura s-a întrerupt. Încercăm din nou…", sent: "Mesaj transmis.", message: "Mesajul dumneavoastră", failed: "Cererea dumneavoastră nu a putut fi trimisă. Încercați din nou." },
  uk: { ask: "Поговорити наживо з людиною", leave: "Повернутися до асистента", person: "{name} (людина), {service}", cut: "Зв’язок перервався. Пробуємо ще раз…", sent: "Повідомлення передано.", message: "Ваше повідомлення", failed: "Не вдалося надіслати запит. Спробуйте ще раз." },
};

/**
 * @param {string} language
 * @returns {LiveTexts}
 */
export const liveTexts = (language) => /** @type {LiveTexts} */ (LIVE[language] ?? LIVE.fr);

/**
 * @param {import("../contract.js").LivePerson} person
 * @param {string} language
 * @returns {string} Their name and service. A Latin name keeps its own order in Arabic, its full stop included (Unicode isolates).
 */
export function nameOf({ name, service }, language) {
  const own = (/** @type {string} */ latin) => (directionOf(language) === "rtl" ? `\u2068${latin}\u2069` : latin);
  return fill(liveTexts(language).person, { name: own(name), service: own(service) });
}
