import type { ParameterSpecs } from '../../contracts/executor.js';

const MTLS = 'client certificates are not in force in this release: the runner is called without one';
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
  'server.maxConnections': {
    type: 'integer',
    min: 1,
    doc: 'Connections to one instance, of all workers together. Default 500.',
  },
  'server.maxIdleTime': {
    type: 'integer',
    min: -1,
    doc: 'ms that an idle connection is kept, -1 no limit. Default 30000.',
  },
  'server.maxLifeTime': { type: 'integer', min: -1, doc: 'ms that a connection is used, -1 no limit. Default -1.' },
  'server.pendingAcquireMaxCount': {
    type: 'integer',
    min: -1,
    doc: 'Requests that may wait for a connection to one instance, -1 no limit. Default 96.',
  },
  'server.header.*': { type: 'string', secret: true, doc: 'A header that is sent on every call.' },
  'server.cookie.*': { type: 'string', secret: true, doc: 'A cookie that is sent on every call.' },
  'server.forwardHeaders': { type: 'string', doc: 'Further request headers that a crud runner gets, comma-separated.' },
  token: { type: 'string', secret: true, doc: 'Static token, sent as Authorization: Bearer.' },
  authenticated: { type: 'boolean', doc: 'The runner wants authentication. Default false.' },
  'server.totalTimeout': {
    type: 'integer',
    min: 1,
    doc: 'ms of all tries of a call. Default: each try has server.timeout.',
  },
  'server.balanced': {
    type: 'boolean',
    doc: 'The host is the name of a service: its instances are found, and calls balanced over them. Default false; true with server.instances.',
  },
  'server.discovery': {
    type: 'choice',
    choices: ['static', 'dns', 'srv', 'consul'],
    doc: 'Where instances are found. Default static with server.instances, consul where a Consul is configured, else dns.',
  },
  'server.instances': {
    type: 'string',
    doc: 'Comma-separated host:port or URLs, which stand for the host of server.baseUrl; its scheme and path stay.',
  },
  'server.health.path': { type: 'string', doc: 'Path of health checks at each instance; none: no checks.' },
  'server.health.intervalMs': { type: 'integer', min: 1, doc: 'ms between health checks. Default 10000.' },
  'server.trust': { type: 'string', doc: 'PEM of the only authorities that count, text or the path of a file.' },
  'server.trustAll': {
    type: 'boolean',
    doc: 'Trust every certificate.',
    warns: 'whoever answers for this backend is believed, without a check of certificates',
  },
  'server.mTLS.enabled': { type: 'boolean', doc: "Present the client side's certificate.", notInForce: MTLS },
  'server.clientId': { type: 'string', doc: 'Client id for client credentials; the token stands for `token`.' },
  'server.secret': { type: 'string', secret: true, doc: 'Secret for client credentials.' },
  'server.tokenPath': { type: 'string', doc: 'Path of the token endpoint, relative to server.baseUrl.' },
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
