// npm run build: installs if need be, and builds `dist` from `src` and `examples`.
import { ensureBuilt, ensureInstalled } from './bootstrap.mjs';

await ensureInstalled();
await ensureBuilt();
process.exit(0);
