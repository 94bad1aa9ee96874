import { type DynamicModule, Module, type ModuleMetadata } from '@nestjs/common';
import { COMPONENT_SOURCE, type ComponentSource } from '../../contracts/components.js';
import type { LocalRunnerFactory } from '../../contracts/local-runner.js';
import { SESSION_SERVER } from '../../contracts/session-server.js';
import { IdentityRunnerFactory } from '../identity-runner.factory.js';
import { identityHttpController } from './identity-http.controller.js';
import { digestOf, HTTP_TOKEN_DIGEST, IdentityHttpGuard } from './identity-http.guard.js';
import { ServedRunners } from './served-runners.js';

export interface IdentityHttpOptions {
  readonly isServed: boolean;
  /** The secret that other gateways send. */
  readonly token: string | null;
}

/** The built-in identity and session server over HTTP. Nothing of it is there where it is off. */
@Module({})
export class IdentityHttpModule {
  /** `imports` bring COMPONENT_SOURCE, EDGE_VIEW, the factory of identity runners and that of session runners. */
  static register(
    { isServed, token }: IdentityHttpOptions,
    imports: NonNullable<ModuleMetadata['imports']>,
  ): DynamicModule {
    if (!isServed || token === null) return { module: IdentityHttpModule };
    return {
      module: IdentityHttpModule,
      imports,
      controllers: [identityHttpController('auth'), identityHttpController('session')],
      providers: [
        IdentityHttpGuard,
        { provide: HTTP_TOKEN_DIGEST, useValue: digestOf(token) },
        {
          provide: ServedRunners,
          inject: [COMPONENT_SOURCE, IdentityRunnerFactory, SESSION_SERVER],
          useFactory: (source: ComponentSource, auth: LocalRunnerFactory, session: LocalRunnerFactory) =>
            new ServedRunners(source, { auth, session }),
        },
      ],
    };
  }
}
