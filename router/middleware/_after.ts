type Answer = Response | Promise<Response>;

/** Goes on with an answer; no promise is made where there is none. */
export function after(
  answer: Answer,
  change: (response: Response) => Answer,
): Answer {
  return answer instanceof Promise ? answer.then(change) : change(answer);
}
