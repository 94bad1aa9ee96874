/** What a sealed text of the ledger belongs to: moved elsewhere, it does not open. */
export const contentContext = (family: string): string => `token-family/${family}`;
export const answerContext = (digest: string): string => `refresh-answer/${digest}`;
