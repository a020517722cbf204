// with_data.mjs - what lies in a data folder: checkpoints, archived segments, what a replay makes of it.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './server.mjs';

/** A checkpoint whenever anything changed; small segments, so that some are archived. */
export const CHECKPOINTS = { CHECKPOINT_MB: '0', JOURNAL_SEGMENT_MB: '1' };

export const checkpointsOf = (dataDir) => {
  const at = join(dataDir, 'checkpoints');
  return readdirSync(at).filter((f) => f.endsWith('.checkpoint')).sort().map((f) => join(at, f));
};

export const archived = (dataDir) => {
  try {
    return readdirSync(join(dataDir, 'journal', 'archive')).sort();
  } catch {
    return [];
  }
};

export const replayOf = (dataDir, ...options) => {
  const r = run(['replay', '--data', dataDir, '--json', ...options]);
  assert.equal(r.code, 0, r.err);
  return JSON.parse(r.out.trim().split('\n').at(-1));
};

/** The journal verifies, and a replay of all of it gives what the newest checkpoint and the rest give; the facts of that. */
export function assertJournal(dataDir) {
  const verified = run(['verify', '--data', dataDir]);
  assert.equal(verified.code, 0, verified.err);
  const all = replayOf(dataDir, '--full'), quick = replayOf(dataDir);
  assert.deepEqual([quick.state_sha256, quick.seq, quick.messages], [all.state_sha256, all.seq, all.messages]);
  return all;
}
