import { Channel } from "@oresty/core";
import { LAYOUT_VERSION } from "./_layout.ts";

/** What isolates tell each other: what there is, never what happened. */
export interface BusMessage {
  readonly kind: string;
}

/** Takes messages of some kinds. */
export interface BusListener {
  /** Hears a message. */
  hear(message: BusMessage): void;
  /** Tells again what there is: messages get lost. */
  tell(): void;
}

const NAME = `oresty:shm:${LAYOUT_VERSION}`;
/** How often all is told again, in milliseconds. */
const TELL_EVERY = 5000;
/** When a channel that was opened again has to show that it is not deaf. */
const TELL_SOON = 50;

const listeners: Map<BusListener, number> = new Map();
let opening: Promise<Channel> | undefined;
let current: Channel | undefined;
let timer: ReturnType<typeof setInterval> | undefined;
let soon: ReturnType<typeof setTimeout> | undefined;
let hasCompany = false;
let wasClosed = false;

/**
 * Hears and tells from now on, until `leaveBus` is called as often. One channel
 * serves the whole isolate.
 */
export async function joinBus(listener: BusListener): Promise<void> {
  listeners.set(listener, (listeners.get(listener) ?? 0) + 1);
  await (opening ??= open());
}

/** Hears nothing any more, when the last has left. */
export function leaveBus(listener: BusListener): void {
  const uses = listeners.get(listener) ?? 0;
  if (uses > 1) {
    listeners.set(listener, uses - 1);
    return;
  }
  listeners.delete(listener);
  if (listeners.size > 0) return;
  const closing = opening;
  opening = undefined;
  wasClosed = true;
  clearInterval(timer);
  clearTimeout(soon);
  if (current !== undefined) current.close();
  else closing?.then((channel) => channel.close());
  current = undefined;
}

/** Tells the others. */
export function tell(message: BusMessage): void {
  current?.post(message);
}

/** Whether another isolate was heard: it may have what is not known here. */
export function hasHeardOthers(): boolean {
  return hasCompany;
}

/** Memories were handed to another isolate. */
export function expectCompany(): void {
  hasCompany = true;
}

async function open(): Promise<Channel> {
  // A channel that opens while the last one closes is deaf until it next posts.
  if (wasClosed) await new Promise((resolve) => setTimeout(resolve, 0));
  const channel = await Channel.open(NAME);
  // All may have left meanwhile: leaveBus closes it then.
  if (listeners.size === 0) return channel;
  channel.listen((message) => {
    hasCompany = true;
    for (const listener of [...listeners.keys()]) {
      listener.hear(message as BusMessage);
    }
  });
  current = channel;
  timer = setInterval(tellAll, TELL_EVERY);
  Deno.unrefTimer(timer);
  if (wasClosed) {
    soon = setTimeout(tellAll, TELL_SOON);
    Deno.unrefTimer(soon);
  }
  return channel;
}

function tellAll(): void {
  for (const listener of [...listeners.keys()]) listener.tell();
}
