/** Where the built examples stand, beside the built gateway. */
export const SAMPLE_RUNNER = new URL('../examples/sample-runner/', import.meta.url);
