/** The longest that a request waits for a store of rates. */
export const ANSWER_MS = 250;
