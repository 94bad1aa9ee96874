import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

const root = join(import.meta.dirname, '../..');
const textOf = (name: string): string => readFileSync(join(root, name), 'utf8');

/** Metrics that dashboard and rules may name before docs/metrics.md lists them. */
const COMING: readonly string[] = [
  ...['sluice_workers', 'sluice_workers_ready', 'sluice_worker_restarts_total'],
  ...['sluice_broadcast_sent_total', 'sluice_broadcast_received_total', 'sluice_broadcast_dropped_total'],
  'sluice_broadcast_connected',
];
const page = textOf('docs/metrics.md');
const rows = [...page.matchAll(/^\| `([a-z0-9_]+)` \| (\w+) \|([^|]*)\|/gm)];
/** Metric → the names of its labels. */
const documented = new Map(
  rows.map(([, name, , labels]) => [name!, [...labels!.matchAll(/`([a-z_]+)`/g)].map(([, label]) => label!)]),
);
const histograms = rows.filter(([, , type]) => type === 'histogram').map(([, name]) => name!);
const known: ReadonlySet<string> = new Set([
  ...documented.keys(),
  ...histograms.flatMap((name) => ['bucket', 'sum', 'count'].map((part) => `${name}_${part}`)),
  ...COMING,
]);

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly description: string; readonly runbook_url: string };
}
const { groups } = parse(textOf('examples/observability/alerts.yml')) as {
  groups: { name: string; rules: Rule[] }[];
};
const rules = groups.flatMap((group) => group.rules);

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly datasource?: { readonly uid: string };
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly { readonly expr: string; readonly datasource: { readonly uid: string } }[];
}
interface Dashboard {
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly { readonly name: string; readonly type: string }[] };
  readonly annotations: { readonly list: readonly { readonly expr: string }[] };
}
const dashboard = JSON.parse(textOf('examples/observability/grafana-dashboard.json')) as Dashboard;
const panels = dashboard.panels.filter(({ type }) => type !== 'row');
const expressions = [
  ...rules.map(({ alert, expr }) => [alert, expr] as const),
  ...panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => [title, expr] as const)),
  ...dashboard.annotations.list.map(({ expr }) => ['annotation', expr] as const),
];

const withoutTexts = (expression: string): string => expression.replace(/"(?:[^"\\]|\\.)*"/g, '""');
const metricsIn = (expression: string): string[] =>
  withoutTexts(expression).match(/\b(?:sluice|process|nodejs)_[a-z0-9_]+/g) ?? [];

/** Null where every bracket is closed by its own kind. */
function firstBracketThatIsOpen(expression: string): string | null {
  const open: string[] = [];
  for (const character of withoutTexts(expression)) {
    if ('([{'.includes(character)) open.push(character);
    else if (')]}'.includes(character) && open.pop() !== '([{'[')]}'.indexOf(character)]) return character;
  }
  return open.at(-1) ?? null;
}

describe.each(expressions)('%s: %s', (_where, expression) => {
  it('names metrics that there are', () => {
    const named = metricsIn(expression);
    expect(named.length + (expression.includes('up{') ? 1 : 0)).toBeGreaterThan(0);
    expect(named.filter((name) => !known.has(name))).toEqual([]);
  });
  it('selects by labels that they have', () => {
    for (const [, metric, selector] of expression.matchAll(/\b(sluice_[a-z0-9_]+)\{([^}]*)\}/g)) {
      const labels = documented.get(metric!.replace(/_(bucket|sum|count)$/, '')) ?? documented.get(metric!);
      if (labels === undefined) continue;
      const selected = [...selector!.matchAll(/([a-z_]+)(?:=|!)/g)].map(([, label]) => label!);
      expect(selected.filter((label) => ![...labels, 'gateway', 'job'].includes(label))).toEqual([]);
    }
  });
  it('closes its brackets', () => {
    expect(firstBracketThatIsOpen(expression)).toBeNull();
  });
});

describe('the list of what is coming', () => {
  it('has nothing that neither dashboard nor rules name', () => {
    const named = new Set(expressions.flatMap(([, expression]) => metricsIn(expression)));
    expect(COMING.filter((name) => !named.has(name))).toEqual([]);
  });
});

describe('examples/observability/alerts.yml', () => {
  const sections = [...textOf('docs/alerts.md').matchAll(/^### (\w+)$/gm)].map(([, name]) => name!);

  it('has rules, each with a name of its own', () => {
    expect(rules.length).toBeGreaterThan(20);
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
  });
  it('has a section in docs/alerts.md for each, and no other', () => {
    expect(sections).toEqual(rules.map(({ alert }) => alert));
  });
  it.each(rules.map((rule) => [rule.alert, rule] as const))('%s leads to its section', (name, rule) => {
    expect(rule.annotations.runbook_url).toBe(`docs/alerts.md#${name.toLowerCase()}`);
    expect(rule.labels.severity).toMatch(/^(critical|warning)$/);
    expect(rule.annotations.summary.length).toBeGreaterThan(10);
    expect(rule.annotations.description).toMatch(/\.$/);
  });
  it.each(sections)('docs/alerts.md says of %s what it means, what to look at and what to do', (name) => {
    const section = textOf('docs/alerts.md').split(`\n### ${name}\n`)[1]!.split('\n##')[0]!;
    for (const part of ['**Means:** ', '**Look at:** ', '**Do:** ']) expect(section).toContain(part);
  });
});

describe('examples/observability/prometheus.yml', () => {
  const config = parse(textOf('examples/observability/prometheus.yml')) as {
    rule_files: string[];
    scrape_configs: { job_name: string; metrics_path: string }[];
  };
  it('reads the rules, and calls the job as they do', () => {
    expect(config.rule_files).toEqual(['alerts.yml']);
    expect(config.scrape_configs).toMatchObject([{ job_name: 'sluice', metrics_path: '/metrics' }]);
    for (const { expr } of rules) for (const [, job] of expr.matchAll(/job="([^"]*)"/g)) expect(job).toBe('sluice');
  });
});

describe('examples/observability/grafana-dashboard.json', () => {
  it('asks for its data source when it is imported', () => {
    expect(dashboard.templating.list[0]).toMatchObject({ name: 'datasource', type: 'datasource' });
    for (const { datasource, targets = [] } of panels)
      expect([datasource, ...targets.map((target) => target.datasource)].map((one) => one?.uid)).toEqual(
        Array.from({ length: targets.length + 1 }, () => '${datasource}'),
      );
  });
  it('has variables for what its expressions name', () => {
    const names = dashboard.templating.list.map(({ name }) => name);
    for (const [, expression] of expressions)
      for (const [, name] of expression.matchAll(/\$(?!__)([a-z]+)/g)) expect(names).toContain(name);
  });
  it('has panels that have something to show, and do not lie on each other', () => {
    expect(panels.length).toBeGreaterThan(20);
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
    for (const { targets = [] } of panels) expect(targets.length).toBeGreaterThan(0);
    const cells = dashboard.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, index) => `${x + (index % w)},${y + Math.floor(index / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(dashboard.panels.every(({ gridPos: { x, w } }) => x + w <= 24)).toBe(true);
  });
});
