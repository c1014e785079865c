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
 * @property {boolean} [live] A person of the service can be talked to now.
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
 * @property {LiveNow | null} [live] The last wish to talk to a person.
 * @property {LiveLine[]} [live_lines] What was said with a person, in order.
 *
 * @typedef {object} Recorded
 * @property {string} turn_id
 * @property {string | null} client_message_id
 * @property {string} received_at ISO date and time.
 * @property {string} text What the resident wrote, masked.
 * @property {string} language
 * @property {Turn | null} reply Null while it is being answered.
 *
 * @typedef {object} CallbackRequest
 * @property {"callback"} kind
 * @property {string | null} topic
 * @property {string} [service_id] The service that the form named.
 * @property {string} language
 * @property {string} [subject] Masked by the gateway.
 * @property {{name: string, channel: "phone" | "sms" | "email" | "visit", value: string, slot?: string}} contact
 * @property {true} consent
 * @property {string} [consent_id] Which text was shown.
 * @property {string} client_message_id The same request sent twice is recorded once.
 *
 * @typedef {object} Receipt What POST /handoffs answers.
 * @property {string | null} reference
 * @property {Message} message Confirms the request, with its reference.
 * @property {string | null} [code] The secret code to follow or cancel it.
 * @property {Message | null} [follow] Tells the code, and what it is for.
 * @property {LiveNow | null} [live] Where the wish to talk to a person is.
 *
 * @typedef {object} LiveRequest
 * @property {"live"} kind
 * @property {string | null} topic
 * @property {string | null} service_id
 * @property {string} client_message_id The same request sent twice waits once.
 *
 * @typedef {{name: string, service: string}} LivePerson
 *
 * @typedef {object} LiveNow
 * @property {"waiting" | "with_person" | "ended" | "closed" | "nobody"} phase
 * @property {Service} service
 * @property {LivePerson | null} person Who answers, while somebody does.
 * @property {boolean} callback Offer a callback.
 * @property {Message} message
 * @property {number} last_seq
 *
 * @typedef {object} LiveLine
 * @property {number} seq
 * @property {string} kind
 * @property {"resident" | "person" | "system"} speaker
 * @property {LivePerson | null} person
 * @property {Message} message
 * @property {string | null} client_message_id
 * @property {string | null} turn_id
 * @property {boolean} callback
 * @property {string} at ISO instant.
 *
 * @typedef {object} CallbackOptions What GET /handoffs/options answers.
 * @property {Service} service
 * @property {string | null} subject
 * @property {{start: string | null, label: string}[]} slots The first is "as soon as possible".
 * @property {{id: string, text: string, lang: string, dir: "ltr" | "rtl"}} consent
 *
 * @typedef {{reference: string, code: string}} CallbackKey What opens a callback that was asked for.
 *
 * @typedef {object} Callback What POST /callbacks/status and /cancel answer.
 * @property {"open" | "closed" | "cancelled"} status
 * @property {Message} message
 */

export {};
