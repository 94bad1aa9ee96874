import { describe, jest } from '@jest/globals';
import { TestGateway } from '../support/gateway.js';
import { AdminSite, PASSWORD } from './admin-site.js';
import { adminSuite } from './admin-suite.js';

jest.setTimeout(20_000);

describe('administration, with the embedded database', () =>
  adminSuite(async () => {
    const gateway = await TestGateway.start({
      settings: { 'admin.bootstrap.password': PASSWORD, 'throttle.admin.limit': 1_000_000 },
    });
    const site = new AdminSite(() => gateway.port);
    return { here: site, there: site, end: async () => void (await gateway.stop()) };
  }));
