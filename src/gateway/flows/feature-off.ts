import { refusal } from '../stage.js';

/** A flow whose token has no provider, or no URL for it (17006). */
export const FEATURE_OFF = refusal('FEATURE_OFF');
