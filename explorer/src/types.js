/**
 * What the parts of the page hand to one another. Nothing here runs. Quantities stand in the order of
 * the program's outputs; of what is settable, low and high are the ends of a slider.
 *
 * @typedef {object} Quantity
 * @property {string} id
 * @property {string} name Words of the file; may be empty.
 * @property {string} unit
 * @property {"state"|"constant"|"rule"|"rate"} kind
 * @property {number|null} value
 * @property {boolean} settable
 * @property {number|null} low
 * @property {number|null} high
 * @property {number|null} default
 *
 * @typedef {object} Payload
 * @property {string} name
 * @property {string} title
 * @property {string} notes
 * @property {string} hash
 * @property {string} version
 * @property {Record<string, string>} units `time` among them.
 * @property {Quantity[]} quantities
 * @property {string[]} states
 * @property {string[]} refusals What the page cannot do with this model, in sentences.
 * @property {number|null} horizon How long a course is at first, in units of time; null where nobody knows.
 * @property {any} engine What the solver needs.
 * @property {Lesson|null} lesson
 *
 * @typedef {object} Step Values set at a time, which break the integration.
 * @property {number} at
 * @property {Record<string, number>} set
 *
 * @typedef {object} Ramp A constant that moves evenly from what it is to a value.
 * @property {string} id
 * @property {number} start
 * @property {number} end
 * @property {number} to
 *
 * @typedef {object} Stop Where the integration ends and begins anew: what is set, and which ramps begin and end.
 * @property {number} at
 * @property {Record<string, number>} set
 * @property {Ramp[]} begins
 * @property {Ramp[]} ends
 *
 * @typedef {object} Mark Where a course stands, to go on from.
 * @property {number} t
 * @property {Float64Array} x All states.
 * @property {Float64Array} c All constants.
 *
 * @typedef {object} Course Values of all quantities, in the payload's order, at times.
 * @property {Float64Array} t A time at which something is set occurs twice: before and after.
 * @property {Record<string, Float64Array>} columns By id.
 * @property {Mark} last
 * @property {string} cause Why it ended before its end, in words; empty where it did not.
 *
 * @typedef {object} Certificate
 * @property {string} status "ok", or the first check that failed.
 * @property {number} imbalance Largest |Σ N v| / Σ |N||v|.
 * @property {number} error Bound of the state's own relative error.
 * @property {number} drift Largest relative change of a conserved sum.
 * @property {boolean} stable
 * @property {number} slowest Time constant of the slowest motion; Infinity where nothing restores it.
 *
 * @typedef {object} Rest
 * @property {Record<string, number>|null} values By id; null where there is no candidate.
 * @property {Certificate} certificate
 * @property {Mark|null} place
 *
 * @typedef {object} Engine What `load` returns; each may return a promise.
 * `p` are values by id that differ from the model's; `y0` values of the states by id, or null for
 * where the model starts; `from` a mark of an earlier course, in place of both. In a page the engine
 * is a `Client` (worker.js), whose methods return promises.
 * @property {(asked: {p?: Record<string, number>, y0?: Record<string, number>|null, from?: Mark,
 *   end: number, points?: number, times?: number[], steps?: Step[], ramps?: Ramp[], columns?: string[]}) => Course|Promise<Course>} course
 * @property {(asked: {p?: Record<string, number>, y0?: Record<string, number>|null, from?: Mark}) =>
 *   Rest|Promise<Rest>} rest
 * @property {(asked: {p?: Record<string, number>, id: string, values: number[]}) =>
 *   Rest[]|Promise<Rest[]>} scan
 *
 * @typedef {object} Moved
 * @property {string} substance
 * @property {number} count
 * @property {string} source
 * @property {string} target
 *
 * @typedef {object} Transporter
 * @property {string} reaction
 * @property {string} name
 * @property {string} kind
 * @property {number|null} membrane
 * @property {Moved[]} moved
 * @property {number} atp
 *
 * @typedef {object} Place
 * @property {string} id
 * @property {string} name
 * @property {boolean} inside
 * @property {{substance: string, species: string, unit: string, charge: number}[]} contents
 *
 * @typedef {object} Schematic
 * @property {Place[]} places
 * @property {{beyond: string[], quantity: string, unit: string}[]} membranes
 * @property {Transporter[]} transporters
 * @property {string} unit
 *
 * @typedef {object} Knob A slider of the lesson; `factors` moves several values together.
 * @property {string} id
 * @property {{en: string, de: string}} label
 * @property {number} low
 * @property {number} high
 * @property {string} scale `log` or `even`.
 * @property {string[]} [factors]
 *
 * @typedef {object} Lesson
 * @property {Schematic} schematic
 * @property {{atp: string, RT: string, F: string}} energy
 * @property {Knob[]} knobs
 * @property {Stage[]} tour
 * @property {number} end How long a course is at first.
 * @property {string[]} shown What it shows at first.
 * @property {Record<string, string>} german Names by id.
 *
 * @typedef {any} Tree A formula: a number, an id, or [operator, ...operands].
 *
 * @typedef {object} Arm
 * @property {string} name
 * @property {{en: string, de: string}} label
 * @property {string} rests The model that comes to rest.
 * @property {string} runs The model that is run; another one where something is clamped.
 * @property {Record<string, number>} settings
 * @property {Record<string, number>} held
 * @property {Step[]} steps
 * @property {Ramp[]} ramps
 *
 * @typedef {object} Stage An experiment of the lesson.
 * @property {string} name
 * @property {{en: string, de: string}} title
 * @property {{en: string, de: string}} claim
 * @property {"rest"|"given"} start
 * @property {number} duration
 * @property {number} points
 * @property {Arm[]} arms
 * @property {{label: {en: string, de: string}, unit: string, formula: Tree}[]} watch
 * @property {{name: string, arm: string, formula: Tree, take: string, at: number|null,
 *   start: number|null, end: number|null, level: number|null}[]} measures
 * @property {{meaning: {en: string, de: string}, why: {en: string, de: string}, formula: Tree,
 *   window: {low: number, high: number, unit: string, scale: number}|null}[]} checks
 */

export {};
