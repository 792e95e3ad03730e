import { type Address, inNetwork, parseAddress } from "./_ip.ts";

/** Whose X-Forwarded-For is believed. */
export type TrustProxy = boolean | number | string | readonly string[];

/** Finds the client's address behind proxies. */
export type AddressReader = (peer: string, forwarded: string | null) => string;

/**
 * @throws {TypeError} When the option is none of the kinds, or an address in
 * it is malformed.
 */
export function addressReader(trust: TrustProxy): AddressReader {
  if (trust === false) return (peer) => bare(peer);
  if (trust === true) {
    return (peer, forwarded) => lastValid(peer, hops(forwarded), () => true);
  }
  if (typeof trust === "number") {
    if (!Number.isInteger(trust) || trust < 0) {
      throw new TypeError(
        `Cannot use option "trustProxy": "${trust}" was given, ` +
          `expected a whole number of proxies`,
      );
    }
    return (peer, forwarded) =>
      lastValid(peer, hops(forwarded), (_, index) => index < trust);
  }
  const networks = (typeof trust === "string" ? [trust] : trust)
    .flatMap(parseNetwork);
  const isTrusted = (text: string) => {
    const address = parseAddress(text);
    return address !== null &&
      networks.some(({ base, bits }) => inNetwork(address, base, bits));
  };
  return (peer, forwarded) => lastValid(peer, hops(forwarded), isTrusted);
}

/** The addresses that proxies reported, the nearest first. */
function hops(forwarded: string | null): string[] {
  return forwarded === null ? [] : forwarded.split(",").reverse().map(bare);
}

/**
 * Walks away from this host for as long as the reporter is trusted; a hop that
 * is no address ends the walk, since nothing behind it can be believed.
 */
function lastValid(
  peer: string,
  reported: string[],
  isTrusted: (address: string, index: number) => boolean,
): string {
  let address = bare(peer);
  for (let i = 0; i < reported.length; i++) {
    if (!isTrusted(address, i) || parseAddress(reported[i]!) === null) break;
    address = reported[i]!;
  }
  return address;
}

/** An address without its port, brackets and the prefix of mapped IPv4. */
function bare(text: string): string {
  let address = text.trim().replace(/^"|"$/g, "");
  const bracketed = /^\[([^\]]+)\](?::\d+)?$/.exec(address);
  if (bracketed !== null) address = bracketed[1]!;
  else if (/^[\d.]+:\d+$/.test(address)) {
    address = address.slice(0, address.indexOf(":"));
  }
  const mapped = /^::ffff:([\d.]+)$/i.exec(address);
  return mapped === null ? address : mapped[1]!;
}

interface Network {
  readonly base: Address;
  readonly bits: number;
}

const LOOPBACK = ["127.0.0.0/8", "::1"];

function parseNetwork(entry: string): Network[] {
  if (entry === "loopback") return LOOPBACK.flatMap(parseNetwork);
  const [address, length, ...rest] = String(entry).split("/");
  const base = parseAddress(address!);
  const width = base?.width ?? 0;
  const bits = length === undefined ? width : Number(length);
  if (
    base === null || rest.length > 0 || bits > width ||
    (length !== undefined && !/^(?:0|[1-9]\d{0,2})$/.test(length))
  ) {
    throw new TypeError(
      `Cannot use option "trustProxy": "${entry}" was given, ` +
        `expected an address, a network such as "10.0.0.0/8" or "loopback"`,
    );
  }
  return [{ base, bits }];
}
