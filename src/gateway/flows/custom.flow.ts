import { TOKEN_MISSING } from '../identify/token-refusals.js';
import type { Answer, Refusal } from '../stage.js';
import { plainAnswer } from './flow-answer.js';
import type { FlowRun } from './flow-run.js';
import type { Leaver } from './leave.flow.js';
import { ownAuth, type ProviderStep } from './provider-step.js';

/** Actions of the authentication server's own, such as a new password, for who is logged in. */
export class CustomFlow {
  constructor(private readonly provider: ProviderStep) {}

  /** @param caller null: no gateway token came, or one that has expired */
  async run(run: FlowRun, caller: Leaver | null): Promise<Refusal | Answer> {
    if (caller === null) return TOKEN_MISSING;
    const carried = run.kind.carrier?.read(caller.caller.claims) ?? null;
    const extra = ownAuth(carried);
    const asked = await this.provider.ask(run, 'custom', { extra, bad: 'TOKEN_INVALID' });
    if (asked.kind !== 'answered') return asked;
    run.take(asked.answer);
    return plainAnswer(run.text, run.kind);
  }
}
