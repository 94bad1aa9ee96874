export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/src', '<rootDir>/test', '<rootDir>/examples'],
  testMatch: ['**/*.spec.ts', '**/*.e2e-spec.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2023',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
          keepClassNames: true,
        },
        module: { type: 'es6' },
        sourceMaps: true,
      },
    ],
  },
  setupFiles: ['<rootDir>/test/setup.mjs'],
  coverageProvider: 'v8',
  // End-to-end tests mostly wait for processes of their own: one test file for each core leaves none idle.
  maxWorkers: '100%',
  workerIdleMemoryLimit: '700MB',
  reporters: ['default', '<rootDir>/test/plain-reporter.cjs'],
};
