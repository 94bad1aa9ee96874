import { describe, expect, it } from '@jest/globals';
import { ControlController } from './control/control.controller.js';
import { ServedPaths } from './served-paths.js';
import { UsersAdminController } from './users/users.admin.controller.js';

describe('the methods of a path', () => {
  const paths = new ServedPaths([UsersAdminController, ControlController]);

  it.each([
    ['/admin/api/v1/users', ['GET', 'HEAD', 'POST']],
    ['/admin/api/v1/users/7', ['DELETE', 'GET', 'HEAD', 'PATCH', 'PUT']],
    ['//admin/api/v1/users/7/', ['DELETE', 'GET', 'HEAD', 'PATCH', 'PUT']],
    ['/api/control', ['POST']],
    ['/api/control/channel/*', ['GET', 'HEAD', 'POST']],
    ['/admin/api/v1/users/7/more', []],
    ['/admin/api/v1', []],
    ['/', []],
  ])('%s are those that its controllers name: %j', (path, methods) => {
    expect(paths.methodsOf(path)).toEqual(methods);
  });
});
