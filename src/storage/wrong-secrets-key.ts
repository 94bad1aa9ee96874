/** The secrets in the database were sealed with a key that this process does not have. */
export class WrongSecretsKey extends Error {}
