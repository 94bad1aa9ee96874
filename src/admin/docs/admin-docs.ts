import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { EDGE_VIEW, type EdgeView } from '../../contracts/edge-view.js';
import { AdminModule } from '../admin.module.js';

const DOCS = 'admin/api/docs';
const DOCUMENT = 'admin/api/openapi.json';

/**
 * Swagger UI at /admin/api/docs, and what it shows at /admin/api/openapi.json. The document is made when somebody asks for it. All files
 * are of this installation: nothing is loaded from elsewhere. Before the application is initialized.
 */
export function openAdminDocs(app: NestFastifyApplication): void {
  const config = new DocumentBuilder()
    .setTitle('Sluice admin API')
    .setDescription('Users, API keys and sessions; what is in force of components, and reading them anew.')
    .setVersion('1')
    .addBearerAuth({ type: 'http', scheme: 'bearer', bearerFormat: 'JWT' }, 'token')
    .addApiKey({ type: 'apiKey', in: 'header', name: 'Authorization', description: '`API-key …`' }, 'key')
    .build();
  const make = () => SwaggerModule.createDocument(app, config, { include: [AdminModule] });
  withEdgeHeaders(app);
  SwaggerModule.setup(DOCS, app, make, { jsonDocumentUrl: DOCUMENT, raw: ['json'] });
}

/** These answers are no controller's, which an interceptor would see. */
function withEdgeHeaders(app: NestFastifyApplication): void {
  const edge = app.get<EdgeView>(EDGE_VIEW, { strict: false });
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onSend', (request, reply, _payload, done) => {
      if (request.url.startsWith(`/${DOCS}`) || request.url.startsWith(`/${DOCUMENT}`)) {
        const headers = edge.answerHeaders(request.raw, reply.statusCode);
        for (let index = 0; index < headers.length; index += 2) reply.header(headers[index]!, headers[index + 1]);
      }
      done();
    });
}
