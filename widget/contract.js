/**
 * The shapes of the public contract (docs: the gateway's /openapi.json) that the widget reads. Types only: no
 * module imports this file at run time.
 *
 * @typedef {object} Message
 * @property {"text" | "form" | "notice"} type
 * @property {string} text
 * @property {string} [html] Sanitised by the gateway; the widget sanitises it again.
 * @property {string} lang
 * @property {"ltr" | "rtl"} [dir]
 *
 * @typedef {object} Source
 * @property {string} article_id
 * @property {string} title
 * @property {string | null} section
 * @property {string} excerpt
 * @property {string} lang
 * @property {string | null} url
 * @property {string} written ISO date.
 * @property {string | null} reviewed ISO date; null until a named person has read the article.
 * @property {boolean} machine_translated
 *
 * @typedef {object} Service
 * @property {string} id
 * @property {string} name
 * @property {string | null} phone
 * @property {string | null} email
 * @property {string | null} address
 * @property {string | null} url
 * @property {{open_now: boolean, text: string, next_opening: string | null} | null} opening
 *
 * @typedef {object} EmergencyNumber
 * @property {string} number
 * @property {string} uri A `tel:` or `sms:` link.
 * @property {string} label
 * @property {string} hours
 *
 * @typedef {object} Emergency
 * @property {string} id
 * @property {EmergencyNumber[]} numbers
 * @property {string} text
 * @property {string} [html]
 * @property {string} lang
 * @property {"ltr" | "rtl"} [dir]
 *
 * @typedef {object} Suggestion
 * @property {string} label What the button shows.
 * @property {string} text The message it sends.
 * @property {string | null} [topic]
 *
 * @typedef {object} Disclosure
 * @property {string} id
 * @property {string} version
 * @property {string} language
 * @property {string} text
 * @property {boolean} [is_new]
 *
 * @typedef {object} Turn
 * @property {string} turn_id
 * @property {"answered" | "abstained" | "degraded" | "relayed"} status
 * @property {string} language
 * @property {"ltr" | "rtl"} direction
 * @property {Message[]} messages
 * @property {{kind: string, topic: string, about: string | null} | null} understanding
 * @property {Source[]} sources
 * @property {Service | null} service
 * @property {Emergency | null} emergency
 * @property {Suggestion[]} suggestions
 * @property {Disclosure | null} disclosure
 *
 * @typedef {object} Opened What POST /conversations answers.
 * @property {string} conversation_id
 * @property {string} token
 * @property {string} language
 * @property {Disclosure} disclosure
 * @property {Message[]} messages
 * @property {Suggestion[]} suggestions
 *
 * @typedef {object} Transcript What GET /conversations/{id} answers.
 * @property {string} conversation_id
 * @property {string} language
 * @property {Disclosure} disclosure
 * @property {Recorded[]} turns Oldest first.
 *
 * @typedef {object} Recorded
 * @property {string | null} client_message_id
 * @property {string} text What the resident wrote, masked.
 * @property {string} language
 * @property {Turn | null} reply Null while it is being answered.
 *
 * @typedef {object} CallbackRequest
 * @property {"callback"} kind
 * @property {string | null} topic
 * @property {{name: string, channel: "phone" | "email", value: string}} contact
 * @property {true} consent
 * @property {string} client_message_id The same request sent twice is recorded once.
 *
 * @typedef {object} Receipt What POST /handoffs answers.
 * @property {string | null} reference
 * @property {Message} message Confirms the request, with its reference.
 */

export {};
