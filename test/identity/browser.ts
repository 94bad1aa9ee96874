import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type BrowserContext } from 'playwright-core';
import { services } from '../support/services.js';

/** Without them Chromium looks up hosts of its maker, which a machine without a way out answers slowly. */
const FLAGS = [
  ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
  ...['--disable-component-update', '--disable-sync'],
];

/** A real browser with a profile of its own. */
export class TestBrowser {
  private constructor(
    readonly context: BrowserContext,
    private readonly profile: string,
  ) {}

  static async start(): Promise<TestBrowser> {
    const profile = mkdtempSync(join(tmpdir(), 'sluice-browser-'));
    const executablePath = /^CHROMIUM_PATH=(.*)$/m.exec(services(profile, 'start', 'chromium'))![1]!;
    const options = { executablePath, headless: true, args: FLAGS };
    return new TestBrowser(await chromium.launchPersistentContext(join(profile, 'data'), options), profile);
  }

  async close(): Promise<void> {
    await this.context.close();
    rmSync(this.profile, { recursive: true, force: true });
  }
}
