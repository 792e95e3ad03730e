/**
 * Reads a stream to its end.
 *
 * @param stream What is read; `null` is an empty stream.
 * @param limit The most bytes that are accepted.
 * @param what Names the stream in the error.
 * @throws {RangeError} when the stream is longer than `limit`.
 */
export async function readBounded(
  stream: ReadableStream<Uint8Array<ArrayBuffer>> | null,
  limit: number,
  what: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  for await (const chunk of stream ?? []) {
    length += chunk.length;
    if (length > limit) {
      throw new RangeError(
        `Cannot read ${what}: it is longer than ${limit} bytes`,
      );
    }
    chunks.push(chunk);
  }
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}
