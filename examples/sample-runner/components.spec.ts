import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';

const FOLDER = new URL('../components/', import.meta.url);
const records = (kind: string) =>
  readdirSync(new URL(kind, FOLDER)).map((file) => ({
    file,
    record: parse(readFileSync(new URL(`${kind}/${file}`, FOLDER), 'utf8')) as {
      id: string;
      data: Record<string, unknown>;
    },
  }));

describe('the sample components', () => {
  const systems = records('systems');
  const channels = records('channels');
  const tokens = records('tokens');

  it('stand in files of their own, named by their ids', () => {
    for (const { file, record } of [...systems, ...channels, ...tokens]) {
      expect(file).toBe(`${record.id}.yaml`);
      expect(Object.keys(record)).toEqual(['id', 'data']);
    }
  });

  it('name systems that are there', () => {
    const ids = systems.map(({ record }) => record.id);
    expect(ids.toSorted()).toEqual(['sample_crud', 'sample_identity', 'sample_local', 'sample_rpc', 'sample_sessions']);
    for (const { record } of channels) expect(ids).toContain(record.data['system']);
  });

  it('are the channels of the README', () => {
    expect(channels.map(({ record }) => record.id).toSorted()).toEqual([
      'auth_user',
      'guests',
      'local',
      'private',
      'rpc',
      'session_user',
      'todo_crud',
    ]);
  });
});
