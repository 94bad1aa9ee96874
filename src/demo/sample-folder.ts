import { fileURLToPath } from 'node:url';

/** The sample components as they come with the product: `examples/components` beside `dist`. */
export const SAMPLE_COMPONENTS = fileURLToPath(new URL('../../examples/components', import.meta.url));
