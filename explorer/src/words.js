/** The page's own words, in English and German. Names and notes of a model stay as its file has them. */

const WORDS = {
  en: {
    about: "About this model", also: "All parameters", alsoStates: "Starting values",
    axis: "Across", axisUp: "Up", atShipped: "first value",
    balance: "largest imbalance", canNot: "What this page cannot do with this model",
    cell: "cell", certified: "certified",
    claim: "Claim", clampedAt: "clamped at", close: "Close",
    compare: "dashed: with the first values", copied: "Link copied", copy: "Copy link",
    courses: "Courses", dark: "Theme", done: "Run it", doNow: "Do",
    end: "Duration", energy: "From ATP to glucose", error: "error of the state",
    expected: "expected", failed: "failed", falls: "It falls.", from: "from", to: "to",
    gradient: "The gradient of Na⁺",
    heatPump: "heat of the pump", heatSymport: "heat of symport",
    helpText: "Pull a slider: everything answers. The mark on a slider is its first value; double-click or press Delete to go back to it. Every curve and picture can be saved as a figure or as data, and the link carries the settings.",
    kgradient: "K⁺ gradient", lasts: "slowest motion",
    leaks: "leaks, other ways, store",
    lift: "glucose, uphill", live: "Live", logarithmic: "logarithmic",
    motion: "Motion", ngradient: "Na⁺ gradient", next: "Next", noMatch: "No quantity has that name.",
    noRest: "No steady state was found", neighbour: "neighbouring cell", between: "between the cells",
    notHeld: "does not hold", held: "holds",
    ofStages: "of", off: "off", on: "on", opens: "Tour", pause: "Pause", phase: "Phase plane",
    play: "Run", predict: "Predict", previous: "Back", quantity: "Quantity",
    reset: "Reset all", resetOne: "Back to the first value", rest: "Steady state",
    right: "You predicted it.", rises: "It rises.", run: "running…",
    save: "Save", scan: "Scan of one parameter", search: "Search",
    see: "See", settings: "Settings", skipTo: "Skip to the curves",
    speed: "Speed", perSecond: "a second", stable: "stable", start: "Start", stays: "It hardly changes.",
    still: "Nothing moves by itself here: all values follow the settings at once.",
    time: "time", toRest: "To rest",
    unstable: "unstable", unknown: "unknown", value: "value", verdict: "Verdict",
    what: "Cell", whatHappens: "What happens to", when: "in the arm",
    whole: "From the start", why: "why", wrong: "You had predicted otherwise.", chemical: "concentration",
    electrical: "charge", both: "both", outside: "outside", others: "All other quantities", inward: "Na⁺ is pushed inwards by",
    turnIs: "One turn on the screen is", lumenBlood: "lumen against blood", noFlux: "no flux",
    mode: "A change acts",
    tourDone: "That was the tour.", restart: "From the beginning", finish: "End the tour",
    holdsAll: "The claim holds: all checks do.", holdsNot: "Not every check holds with these settings.",
    settled: "steady state",
    courseFailed: "The course failed", asPicture: "Figure (SVG)", asPixels: "Figure (PNG)", asData: "Data (CSV)",
    stoich: "Symporter",
  },
  de: {
    about: "Über dieses Modell", also: "Alle Parameter", alsoStates: "Anfangswerte",
    axis: "Waagerecht", axisUp: "Senkrecht", atShipped: "erster Wert",
    balance: "größtes Ungleichgewicht", canNot: "Was diese Seite bei diesem Modell nicht kann",
    cell: "Zelle", certified: "bestätigt",
    claim: "Behauptung", clampedAt: "festgehalten bei", close: "Schließen",
    compare: "gestrichelt: mit den ersten Werten", copied: "Link kopiert", copy: "Link kopieren",
    courses: "Verläufe", dark: "Farben", done: "Ausführen", doNow: "Tun",
    end: "Dauer", energy: "Von ATP zur Glucose", error: "Fehler des Zustands",
    expected: "erwartet", failed: "gescheitert", falls: "Es fällt.", from: "von", to: "bis",
    gradient: "Das Gefälle von Na⁺",
    heatPump: "Wärme der Pumpe", heatSymport: "Wärme des Symports",
    helpText: "Ziehen Sie an einem Regler: Alles antwortet. Die Marke am Regler ist der erste Wert; Doppelklick oder Entf führt dorthin zurück. Jede Kurve und jedes Bild lässt sich als Abbildung oder als Daten speichern, und der Link trägt die Einstellungen.",
    kgradient: "K⁺-Gefälle", lasts: "langsamste Bewegung",
    leaks: "Lecks, andere Wege, Speicher",
    lift: "Glucose, bergauf", live: "Laufend", logarithmic: "logarithmisch",
    motion: "Bewegung", ngradient: "Na⁺-Gefälle", next: "Weiter", noMatch: "Keine Größe heißt so.",
    noRest: "Kein stationärer Zustand gefunden", neighbour: "Nachbarzelle", between: "zwischen den Zellen",
    notHeld: "gilt nicht", held: "gilt",
    ofStages: "von", off: "aus", on: "an", opens: "Rundgang", pause: "Anhalten", phase: "Phasenebene",
    play: "Laufen", predict: "Vorhersagen", previous: "Zurück", quantity: "Größe",
    reset: "Alles zurück", resetOne: "Zurück zum ersten Wert", rest: "Stationärer Zustand",
    right: "Das haben Sie vorhergesagt.", rises: "Es steigt.", run: "rechnet …",
    save: "Sichern", scan: "Ein Parameter durchfahren", search: "Suchen",
    see: "Sehen", settings: "Einstellungen", skipTo: "Zu den Kurven springen",
    speed: "Tempo", perSecond: "je Sekunde", stable: "stabil", start: "Beginn", stays: "Es ändert sich kaum.",
    still: "Hier bewegt sich nichts von selbst: Alle Werte folgen den Einstellungen sofort.",
    time: "Zeit", toRest: "Zur Ruhe",
    unstable: "instabil", unknown: "unbekannt", value: "Wert", verdict: "Urteil",
    what: "Zelle", whatHappens: "Wie ändert sich", when: "im Arm",
    whole: "Von Anfang an", why: "warum", wrong: "Sie hatten anderes vorhergesagt.", chemical: "Konzentration",
    electrical: "Ladung", both: "beide", outside: "außen", others: "Alle anderen Größen", inward: "Na⁺ wird hineingetrieben durch",
    turnIs: "Eine Drehung im Bild sind", lumenBlood: "Lumen gegen Blut", noFlux: "kein Fluss",
    mode: "Eine Änderung wirkt",
    tourDone: "Das war der Rundgang.", restart: "Von vorn", finish: "Rundgang beenden",
    holdsAll: "Die Behauptung gilt: alle Prüfungen gelten.", holdsNot: "Mit diesen Einstellungen gelten nicht alle Prüfungen.",
    settled: "stationärer Zustand",
    courseFailed: "Der Verlauf ist gescheitert", asPicture: "Abbildung (SVG)", asPixels: "Abbildung (PNG)", asData: "Daten (CSV)",
    stoich: "Symporter",
  },
};

/** @type {"en"|"de"} */
let current = "en";

/** @returns {"en"|"de"} */
export function language() {
  return current;
}

/** @param {string} chosen */
export function setLanguage(chosen) {
  current = chosen === "de" ? "de" : "en";
  document.documentElement.lang = current;
}

/** The words under a key. @param {keyof typeof WORDS.en} key */
export function w(key) {
  return WORDS[current][key];
}

/** Of a text in both languages, the one that is read. @param {{en: string, de: string}|string} text */
export function said(text) {
  return typeof text === "string" ? text : text[current] || text.en;
}

/** Substances that have words rather than symbols. @type {Record<string, string>} */
const GERMAN = { glucose: "Glucose", water: "Wasser", lactate: "Lactat", urea: "Harnstoff" };

/** @param {string} substance */
export const substanceWord = (substance) => (current === "de" && GERMAN[substance]) || substance;

export { WORDS };
