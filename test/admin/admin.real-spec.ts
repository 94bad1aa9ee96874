import { describe, jest } from '@jest/globals';
import { aPostgresPlace } from '../storage/database-place.js';
import { TestGateway } from '../support/gateway.js';
import { AdminSite, PASSWORD } from './admin-site.js';
import { adminSuite } from './admin-suite.js';

jest.setTimeout(180_000);

describe('administration, with two replicas on a Postgres', () =>
  adminSuite(async () => {
    const place = await aPostgresPlace();
    const settings = {
      'database.url': place.url,
      'secrets.key': 'k'.repeat(32),
      'config.loader.type': 'database',
      'admin.bootstrap.password': PASSWORD,
      'throttle.admin.limit': 1_000_000,
    };
    const gateways = await Promise.all([TestGateway.start({ settings }), TestGateway.start({ settings })]);
    const [here, there] = gateways.map((gateway) => new AdminSite(() => gateway.port));
    return {
      ...{ here: here!, there: there! },
      end: async () => {
        for (const gateway of gateways) await gateway.stop();
        await place.remove();
      },
    };
  }));
