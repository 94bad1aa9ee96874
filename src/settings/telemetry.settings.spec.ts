import { describe, expect, it } from '@jest/globals';
import { SettingsRejected } from './faults.js';
import { readSettings } from './read-settings.js';

const read = (settings: Readonly<Record<string, string>>) =>
  readSettings({
    argv: Object.entries(settings).flatMap(([name, value]) => ['--set', `${name}=${value}`]),
    env: {},
    cwd: '/nowhere',
  }).settings.telemetry;

function faultOf(name: string, value: string): string {
  try {
    read({ [name]: value });
  } catch (error) {
    if (error instanceof SettingsRejected) return `${error.faults[0]!.property}: ${error.faults[0]!.problem}`;
    throw error;
  }
  return 'accepted';
}

describe('telemetry.sampling', () => {
  it.each([
    ['0', 0],
    ['1', 1],
    ['1.0', 1],
    ['0.01', 0.01],
    [' .5 ', 0.5],
  ])('may be %s', (text, share) => {
    expect(read({ 'telemetry.sampling': text }).sampling).toBe(share);
  });
  it.each(['-0.1', '1.1', '50%', 'all', '1e-2', ''])('is no share: "%s"', (text) => {
    expect(faultOf('telemetry.sampling', text)).toBe('telemetry.sampling: expected a number from 0 to 1');
  });
});

describe('telemetry.otlp.endpoint', () => {
  it.each(['http://127.0.0.1:4318', 'https://collector.example/otlp/'])('may be %s', (url) => {
    expect(read({ 'telemetry.otlp.endpoint': url }).otlpEndpoint).toBe(url);
  });
  it('that is empty is none', () => {
    expect(read({ 'telemetry.otlp.endpoint': '' }).otlpEndpoint).toBeNull();
  });
  it.each(['collector:4318', 'grpc://collector:4317', 'http://user:secret@collector', 'http://collector?a=b'])(
    'is none: %s',
    (url) => {
      expect(faultOf('telemetry.otlp.endpoint', url)).toMatch(/^telemetry\.otlp\.endpoint: expected an http or https/);
    },
  );
});
