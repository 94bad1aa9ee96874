import type { Finding, FindingBoard } from '../../../contracts/components.js';
import type { IssuerPlace } from './issuer.js';
import type { IssuerUse } from './issuers.js';

const REPORTER = 'issuers';
/** A token record that is affected. */
const CODE = 17003;

type Tell = (level: 'warn' | 'info', message: string, fields: Readonly<Record<string, unknown>>) => void;

/** Tells operators of issuers whose keys cannot be had: once in the log, and in health details as long as it lasts. */
export class IssuerReport {
  private uses: readonly IssuerUse[] = [];
  /** By key of their place. */
  private readonly troubled = new Map<string, string>();

  constructor(
    private readonly board: Pick<FindingBoard, 'replace'>,
    private readonly log: Tell,
  ) {}

  /** Issuers whose keys cannot be had now. */
  get away(): number {
    return this.troubled.size;
  }

  /** The records that name issuers, from now on. */
  named(uses: readonly IssuerUse[]): void {
    this.uses = uses;
    const keys = new Set(uses.map(({ place }) => place.key));
    for (const key of this.troubled.keys()) if (!keys.has(key)) this.troubled.delete(key);
    this.show();
  }

  /** @param trouble why its keys cannot be had; null: they can */
  state(place: IssuerPlace, trouble: string | null): void {
    const before = this.troubled.get(place.key) ?? null;
    if (before === trouble) return;
    if (trouble === null) {
      this.troubled.delete(place.key);
      this.log('info', 'The keys of a token issuer can be had again.', { issuer: place.issuer });
    } else {
      this.troubled.set(place.key, trouble);
      const fields = { issuer: place.issuer, reason: trouble };
      this.log('warn', 'The keys of a token issuer cannot be had: those that are known go on.', fields);
    }
    this.show();
  }

  private show(): void {
    const findings = this.uses.flatMap(({ place, token, pointer }): Finding[] => {
      const trouble = this.troubled.get(place.key);
      if (trouble === undefined) return [];
      const message = `the issuer ${place.issuer} ${trouble}: its tokens are checked by the keys that are known, and are 503 without any`;
      return [{ kind: 'token', id: token, severity: 'warning', pointer, code: CODE, message }];
    });
    this.board.replace(REPORTER, findings);
  }
}
