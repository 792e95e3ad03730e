import { parseAddress } from "../../_ip.ts";

/**
 * What stands for a client: an IPv4 address, or the first 64 bits of an IPv6
 * one, since a single client has all that follow.
 */
export function clientKey(ip: string): string {
  const address = parseAddress(ip);
  return address === null || address.width === 32
    ? ip
    : `${(address.value >> 64n).toString(16)}/64`;
}
