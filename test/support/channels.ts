/** A channel that embeds its system; every path is public unless `paths` says otherwise. */
export interface ChannelSetup {
  readonly executor?: string;
  readonly target?: string;
  readonly parameters?: Readonly<Record<string, string | number | boolean>>;
  readonly paths?: Readonly<Record<string, unknown>>;
  readonly [field: string]: unknown;
}

export function aChannel(id: string, baseUrl: string, setup: ChannelSetup = {}): Record<string, unknown> {
  const { executor = 'rpc', target = '/api', parameters = {}, paths = { '*': { isPublic: true } }, ...rest } = setup;
  return { id, executor, target, paths, parameters: { 'server.baseUrl': baseUrl, ...parameters }, ...rest };
}

/** One file of components with these channels. */
export function withChannels(...channels: readonly Record<string, unknown>[]): Record<string, unknown> {
  return { 'all.json': { channels } };
}
