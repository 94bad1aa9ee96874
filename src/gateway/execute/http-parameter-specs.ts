import type { ParameterSpecs } from '../../contracts/executor.js';

const RESILIENCE = 'balancing over instances is not in force in this release: the host of server.baseUrl is called';
const TRUST = 'it is not in force in this release: certificates are checked against the authorities that Node knows';
const MTLS = 'client certificates are not in force in this release: the runner is called without one';
const CREDENTIALS =
  'client credentials are not in force in this release: the runner is called without a token of theirs';

/** Parameters of systems with executor rpc or crud (spec/components.md, "System"). */
export const HTTP_PARAMETERS: ParameterSpecs = {
  'server.baseUrl': { type: 'url', doc: 'Scheme, host, port and path of the backend.' },
  'server.secure': { type: 'boolean', doc: 'Speak TLS also where server.baseUrl says http. Default false.' },
  'server.maxInMemorySize': {
    type: 'integer',
    min: -1,
    doc: 'Bytes of an answer that may be buffered, -1 no limit. Default codecs.memory.maxSize.',
  },
  'server.timeout': {
    type: 'integer',
    min: 1,
    doc: 'ms of one try; of a streamed answer its head, then the longest silence. Default 60000.',
  },
  'server.connectionTimeout': { type: 'integer', min: 1, doc: 'ms until a connection stands. Default 10000.' },
  'server.retryAfter503': {
    type: 'integer',
    min: 1,
    doc: 'Seconds in Retry-After when the gateway holds a call back. Default 30.',
  },
  'server.maxConnections': { type: 'integer', min: 1, doc: 'Connections to the backend. Default 500.' },
  'server.maxIdleTime': {
    type: 'integer',
    min: -1,
    doc: 'ms that an idle connection is kept, -1 no limit. Default 30000.',
  },
  'server.maxLifeTime': { type: 'integer', min: -1, doc: 'ms that a connection is used, -1 no limit. Default -1.' },
  'server.pendingAcquireMaxCount': {
    type: 'integer',
    min: -1,
    doc: 'Requests that may wait for a connection, -1 no limit. Default 96.',
  },
  'server.header.*': { type: 'string', secret: true, doc: 'A header that is sent on every call.' },
  'server.cookie.*': { type: 'string', secret: true, doc: 'A cookie that is sent on every call.' },
  'server.forwardHeaders': { type: 'string', doc: 'Further request headers that a crud runner gets, comma-separated.' },
  token: { type: 'string', secret: true, doc: 'Static token, sent as Authorization: Bearer.' },
  authenticated: { type: 'boolean', doc: 'The runner wants authentication. Default false.' },
  'server.totalTimeout': {
    type: 'integer',
    min: 1,
    doc: 'ms of all tries.',
    notInForce: 'there are no retries in this release',
  },
  'server.balanced': { type: 'boolean', doc: 'The host is a service name.', notInForce: RESILIENCE },
  'server.discovery': {
    type: 'choice',
    choices: ['static', 'dns', 'srv', 'consul'],
    doc: 'Where instances are found.',
    notInForce: RESILIENCE,
  },
  'server.instances': { type: 'string', doc: 'Comma-separated host:port or URLs.', notInForce: RESILIENCE },
  'server.health.path': { type: 'string', doc: 'Path of active checks.', notInForce: RESILIENCE },
  'server.health.intervalMs': { type: 'integer', min: 1, doc: 'ms between active checks.', notInForce: RESILIENCE },
  'server.trust': { type: 'string', doc: 'PEM of the authorities, text or file.', notInForce: TRUST },
  'server.trustAll': { type: 'boolean', doc: 'Trust every certificate.', notInForce: TRUST },
  'server.mTLS.enabled': { type: 'boolean', doc: "Present the client side's certificate.", notInForce: MTLS },
  'server.clientId': { type: 'string', doc: 'Client id for client credentials.', notInForce: CREDENTIALS },
  'server.secret': { type: 'string', secret: true, doc: 'Secret for client credentials.', notInForce: CREDENTIALS },
  'server.tokenPath': { type: 'string', doc: 'Path of the token endpoint.', notInForce: CREDENTIALS },
  logging_service: {
    type: 'string',
    doc: 'Kafka service of request and response events.',
    notInForce: 'Kafka is not in force in this release',
  },
  request_logging_topic: { type: 'string', doc: 'Topic of request events.' },
  response_logging_topic: { type: 'string', doc: 'Topic of response events.' },
  tracking_service: {
    type: 'string',
    doc: 'Kafka service of tracking events.',
    notInForce: 'Kafka is not in force in this release',
  },
  tracking_topic: { type: 'string', doc: 'Topic of tracking events.' },
};
