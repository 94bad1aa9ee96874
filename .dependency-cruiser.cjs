/** The borders of CONTRIBUTING.md, checked by `npm run lint`. */
module.exports = {
  forbidden: [
    {
      name: 'contracts-import-nothing-of-ours',
      severity: 'error',
      from: { path: '^src/contracts' },
      to: { path: '^src/(?!contracts)' },
    },
    {
      name: 'gateway-knows-no-feature',
      comment: 'The data plane sees ports and plain types only; no ORM, no RxJS, no class-transformer.',
      severity: 'error',
      from: { path: '^src/gateway' },
      to: {
        path: '^src/(?!gateway|contracts|errors|observability)|node_modules/(typeorm|rxjs|class-transformer|class-validator)/',
      },
    },
    {
      name: 'features-know-no-gateway',
      severity: 'error',
      comment: 'Whoever puts the process together (main, app, process, cli) sees both halves.',
      from: { path: '^src/(?!gateway|main|app|cli|process)' },
      to: { path: '^src/gateway' },
    },
    { name: 'examples-know-no-source', severity: 'error', from: { path: '^examples' }, to: { path: '^src' } },
    {
      name: 'no-circular',
      comment:
        'Types may name each other (an exchange its rule, a stage its exchange): they are gone when the program runs.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
