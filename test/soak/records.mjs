const paths = { '*': { isPublic: true } };

/** A channel and its system of one version, beside a pair that never changes and others that nobody asks for. */
export function aPair(id, port, version) {
  return {
    system: {
      id,
      data: {
        executor: 'rpc',
        parameters: { 'server.baseUrl': `http://127.0.0.1:${port}`, 'server.header.X-System': String(version) },
      },
    },
    channel: { id, data: { system: id, paths, responseHeaders: { 'X-Version': String(version) } } },
  };
}

export function others(count = 100) {
  return Array.from({ length: count }, (_, index) => ({
    id: `other-${index}`,
    data: { system: 'steady', paths: { ...paths, '/a/*': { methods: { GET: { roles: ['a'] } } } } },
  }));
}

/** The form of a file directly in the folder. */
export const asFile = (...pairs) => ({
  systems: pairs.map(({ system }) => system),
  channels: pairs.map(({ channel }) => channel),
});
