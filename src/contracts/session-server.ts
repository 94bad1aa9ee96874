/** The factory of built-in session servers (LocalRunnerFactory), for who serves them over HTTP. */
export const SESSION_SERVER = Symbol('SessionServer');
