import { ReadAhead } from "../_read_ahead.ts";
import { replaceBody } from "../_replace_body.ts";

/** How a body ended. */
export interface Sent {
  /** Bytes of it that went out, as far as it was read. */
  readonly bytes: number;
  /** Whether that was not all of it. */
  readonly isCut: boolean;
}

/** An answer, and what becomes of its body. */
export interface Watched {
  readonly response: Response;
  readonly sent: Promise<Sent>;
}

/** Bytes of a body that are looked at to learn its size. */
const AHEAD = 65_536;

/** Counts the bytes of an answer; the answer has to be sent in its place. */
export async function watchSent(
  response: Response,
  method: string,
): Promise<Watched> {
  const { body } = response;
  // The runtime gives up the body of an answer to HEAD.
  if (body === null || response.bodyUsed || method === "HEAD") {
    return whole(response, 0);
  }
  const length = response.headers.get("content-length");
  // The runtime holds a body to its length; one that fits into the socket's
  // buffer is sent at once.
  if (length !== null && Number(length) <= AHEAD) {
    return whole(response, Number(length));
  }
  const ahead = await ReadAhead.of(body, AHEAD);
  if (ahead.isWhole) {
    return whole(replaceBody(response, ahead.bytes()), ahead.size);
  }
  const counted = count(ahead.stream());
  return { response: replaceBody(response, counted.body), sent: counted.sent };
}

function whole(response: Response, bytes: number): Watched {
  return { response, sent: Promise.resolve({ bytes, isCut: false }) };
}

function count(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
): { body: ReadableStream<Uint8Array<ArrayBuffer>>; sent: Promise<Sent> } {
  const reader = body.getReader();
  const { promise, resolve } = Promise.withResolvers<Sent>();
  let bytes = 0;
  const counted = new ReadableStream<Uint8Array<ArrayBuffer>>({
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        if (done) {
          resolve({ bytes, isCut: false });
          return controller.close();
        }
        bytes += value.byteLength;
        controller.enqueue(value);
      } catch (error) {
        resolve({ bytes, isCut: true });
        controller.error(error);
      }
    },
    cancel(reason) {
      resolve({ bytes, isCut: true });
      return reader.cancel(reason);
    },
  }, { highWaterMark: 0 });
  return { body: counted, sent: promise };
}
