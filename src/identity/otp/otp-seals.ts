/** What a sealed secret belongs to: it cannot be moved to another user. */
export const otpContext = (userId: string): string => `identity otp ${userId}`;
