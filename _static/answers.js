// Checks the answers to the exercises of a page, in the words of lrnlib's check. It does what
// _grading.py and _answers.py in lrnlib/book/exercises do, by the same names. Text that cannot be
// read as numbers is graded as Python's check grades a string.
{
  const TOKEN = /(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?|inf(?:inity)?|∞|sqrt|\*\*|[-+*/^()]/gi;
  const CHANNELS = /^(\d+)-(\d+)$/;
  const MOST_CHANNELS = 1e4;
  const LONGEST = 80; // characters of a value in a message

  // The value of an expression, with Python's precedence; NaN for anything else.
  function evaluate(text) {
    const tokens = text.match(TOKEN) ?? [];
    const take = (...wanted) => (wanted.includes(tokens[0]) ? tokens.shift() : "");
    const sum = () => {
      let value = product();
      for (let sign; (sign = take("+", "-")); ) {
        value += sign === "+" ? product() : -product();
      }
      return value;
    };
    const product = () => {
      let value = signed();
      for (let sign; (sign = take("*", "/")); ) {
        value = sign === "*" ? value * signed() : value / signed();
      }
      return value;
    };
    const signed = () => (take("-") ? -signed() : take("+") ? signed() : power());
    const power = () => {
      const base = atom();
      return take("**", "^") ? base ** signed() : base;
    };
    const atom = () => {
      const token = (tokens.shift() ?? "").toLowerCase();
      if (token === "sqrt") return tokens[0] === "(" ? Math.sqrt(atom()) : NaN;
      if (token === "(") {
        const value = sum();
        return take(")") ? value : NaN;
      }
      if (/^(inf|∞)/.test(token)) return Infinity;
      return token ? Number(token) : NaN;
    };
    const value = sum();
    return tokens.length || text.replace(TOKEN, "").trim() ? NaN : value;
  }

  // The parts of a list, with or without brackets; spaces around a sign belong to it.
  function split(text) {
    if (/^\[ ?\]$/.test(text)) return [];
    return text.replace(/^\[(.*)\]$|^\{(.*)\}$|^\(([^()]*,.*)\)$/, "$1$2$3")
      .trim()
      .replace(/\s*(\*\*|[*/^])\s*/g, "$1")
      .replace(/\s*([-+])\s+/g, "$1")
      .replace(/(\()\s+|\s+(\))/g, "$1$2")
      .replace(/[,;]$/, "")
      .split(/\s*[,;]\s*|\s+/);
  }

  function isUnanswered(answer) {
    if (typeof answer === "number") return false;
    if (Array.isArray(answer)) return answer.some(isUnanswered);
    return !answer || split(answer).some((each) => /^(\.{3}|…|None)$/.test(each));
  }

  function channelsOf(text) {
    const [, first, last] = text.match(CHANNELS)?.map(Number) ?? [];
    if (first === undefined) return [evaluate(text)];
    const length = last - first + 1;
    if (length < 1 || length > MOST_CHANNELS) return [NaN];
    return Array.from({ length }, (_, k) => first + k);
  }

  const orNull = (value) => ([value].flat().some(Number.isNaN) ? null : value);
  const numbers = (text) => orNull(split(text).map(evaluate));

  // What the float32 sum of a and b loses, and whether b - (total - a) is that.
  function float32Pair(text) {
    const pair = numbers(text)?.map(Math.fround);
    if (pair?.length !== 2) return pair ? "not two" : null;
    const [a, b] = pair;
    const f = Math.fround;
    const total = f(a + b);
    if (![a, b, total].every(Number.isFinite)) return "infinite";
    const virtual = f(total - a);
    const lost = f(f(a - f(total - virtual)) + f(b - virtual)); // Knuth's, always exact
    if (lost && f(b - virtual) !== lost) return "not recovered";
    return !lost ? "exact" : Math.abs(a) >= Math.abs(b) ? "larger first" : "recovered";
  }

  // null for an answer that is of another kind, or not there yet.
  const READ = {
    number: (answer) => (typeof answer === "number" ? answer : orNull(evaluate(answer))),
    numbers,
    parameters: numbers,
    channels: (text) => orNull(split(text).flatMap(channelsOf))?.sort((a, b) => a - b) ?? null,
    float32_pair: float32Pair,
    word: (chosen) => chosen || null,
    dtype: (chosen) => chosen || null,
    words: (chosen) => chosen,
  };

  function grade(of, answers) {
    const { exercise } = of;
    const size = exercise.parts.length;
    if (answers.length < size) {
      const [[, kind]] = exercise.arguments;
      const [answer] = answers;
      answers = READ[kind](answer);
      if (answers === null || (answers.length !== size && !exercise.default_message)) {
        return notOfKind(of, answer, of.names[kind].replace("{size}", size));
      }
      if (answers.length !== size) return exercise.default_message;
    }
    for (const [k, part] of exercise.parts.entries()) {
      const message = findMistake(of, answers[k], part);
      if (message) return message;
    }
    return `Right. ${exercise.success_note}`.trim();
  }

  // The message for a wrong answer, empty for the right one.
  function findMistake(of, answer, part) {
    const value = READ[part.kind](answer);
    if (value === null) return notOfKind(of, answer, of.names[part.kind]);
    if (matches(value, part.answer, part.rtol)) return "";
    for (const [mistake, message] of part.mistakes) {
      if (matches(value, mistake, part.rtol)) return message;
    }
    const size = part.answer.length;
    if (["numbers", "parameters"].includes(part.kind) && value.length !== size) {
      return `Give ${size} numbers, not ${value.length}.`;
    }
    if (part.rtol > of.EXACT && isRounded(of, value, part.answer, part.rtol)) return of.ROUNDED;
    return part.default_message;
  }

  function notOfKind(of, answer, kind) {
    if (isUnanswered(answer)) return of.UNANSWERED;
    return `The answer must be ${kind}, ${describe(answer)}.`;
  }

  // "got VALUE" as Python shows a string.
  function describe(text) {
    const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
    const inside = text.replace(/\\/g, "\\\\").replaceAll(quote, `\\${quote}`);
    const shown = [...(quote + inside + quote)];
    return `got ${shown.slice(0, LONGEST).join("")}${shown.length > LONGEST ? "…" : ""}`;
  }

  // Whether each number is the right one, or that with fewer digits.
  function isRounded(of, value, expected, rtol) {
    if (Array.isArray(expected)) {
      return value.every((each, k) =>
        matches(each, expected[k], rtol) || isRounded(of, each, expected[k], rtol));
    }
    if (typeof expected === "object" || !matches(value, expected, of.NEARLY)) return false;
    const digits = digitsOf(value.toExponential()).length;
    // Of two numbers as near, toExponential takes the larger and Python the even one.
    const tie = /^50*$/.test(digitsOf(expected.toExponential(100)).slice(digits));
    const odd = /[13579]e/.test(expected.toExponential(digits - 1));
    const rounded = tie && odd ? expected * (1 - Number.EPSILON) : expected;
    return Number(rounded.toExponential(digits - 1)) === value;
  }

  const digitsOf = (text) => text.split("e")[0].replace(/\D/g, "");

  // Whether words are the same, and each number is within `rtol`.
  function matches(value, expected, rtol) {
    if (typeof expected === "string") return value === expected;
    if (Array.isArray(expected)) {
      return value.length === expected.length
        && value.every((each, k) => matches(each, expected[k], rtol));
    }
    if (typeof expected === "object") {
      const { whole, minimum = -Infinity, maximum = Infinity } = expected;
      const outside = value < minimum * (1 - rtol) || value > maximum * (1 + rtol);
      return Number.isInteger(value) === whole && !outside;
    }
    const close = Math.abs(value - expected) <= rtol * Math.abs(expected);
    return value === expected || (close && Number.isFinite(expected));
  }

  for (const form of document.querySelectorAll(".answer-box")) {
    const of = JSON.parse(form.dataset.exercise);
    const verdict = form.querySelector(".answer-verdict");
    form.addEventListener("input", () => verdict.replaceChildren());
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const typed = [...form.querySelectorAll("input, select")]
        .map((field) => field.value.trim().replace(/\s+/g, " ").replace(/[−–]/g, "-"));
      const message = grade(of, typed.length === of.exercise.arguments.length ? typed : [typed]);
      const shown = document.createElement("span"); // a new one, so that it is announced again
      shown.className = message.startsWith("Right.") ? "answer-right" : "answer-wrong";
      shown.textContent = message;
      verdict.replaceChildren(shown);
    });
  }
}
