import { Buffer } from "node:buffer";

/** An answer of the server; one that is an error is not thrown. */
export type Answer = string | number | null | Error | Answer[];

/** Longer than any message that a cache tells. */
const LONGEST = 64 * 1024 * 1024;

/** Takes bytes as they come and gives answers as they are whole. */
export class RespReader {
  readonly #answer: (answer: Answer) => void;
  #buffer: Buffer = Buffer.alloc(0);

  constructor(answer: (answer: Answer) => void) {
    this.#answer = answer;
  }

  /** @throws {SyntaxError} When what comes is no answer. */
  push(chunk: Buffer): void {
    this.#buffer = this.#buffer.length === 0
      ? chunk
      : Buffer.concat([this.#buffer, chunk]);
    if (this.#buffer.length > LONGEST) {
      throw new SyntaxError("Cannot read an answer: it has no end");
    }
    for (;;) {
      const found = readAnswer(this.#buffer, 0);
      if (found === undefined) return;
      this.#buffer = this.#buffer.subarray(found.end);
      this.#answer(found.answer);
    }
  }
}

interface Found {
  readonly answer: Answer;
  readonly end: number;
}

/** Undefined when there is more to come. */
function readAnswer(buffer: Buffer, start: number): Found | undefined {
  const stop = buffer.indexOf("\r\n", start);
  if (stop < 0) return undefined;
  const rest = buffer.toString("utf8", start + 1, stop);
  const next = stop + 2;
  switch (buffer.toString("latin1", start, start + 1)) {
    case "+":
      return { answer: rest, end: next };
    case "-":
      return { answer: new Error(rest), end: next };
    case ":":
      return { answer: Number(rest), end: next };
    case "$": {
      const size = lengthOf(rest);
      if (size < 0) return { answer: null, end: next };
      const end = next + size;
      if (buffer.length < end + 2) return undefined;
      return { answer: buffer.toString("utf8", next, end), end: end + 2 };
    }
    case "*": {
      const count = lengthOf(rest);
      if (count < 0) return { answer: null, end: next };
      const items: Answer[] = [];
      let end = next;
      for (let i = 0; i < count; i++) {
        const item = readAnswer(buffer, end);
        if (item === undefined) return undefined;
        items.push(item.answer);
        end = item.end;
      }
      return { answer: items, end };
    }
    default:
      throw new SyntaxError(`Cannot read an answer: it begins with "${rest}"`);
  }
}

/** Of what is no number there would be no end. */
function lengthOf(text: string): number {
  if (!/^(?:-1|\d{1,10})$/.test(text)) {
    throw new SyntaxError(`Cannot read an answer: "${text}" is no length`);
  }
  return Number(text);
}
