import assert from 'node:assert/strict';
import { test } from 'node:test';
import { placement } from '../../../src/processes/supervision/placement.js';

const policy = { ownProcesses: 2, sharedProcesses: 2 };
const few = { name: 'few', isOpen: true, tenantCount: 1 };
const many = { name: 'many', isOpen: true, tenantCount: 3 };
const closed = { name: 'closed', isOpen: false, tenantCount: 0 };
const sociable = { mayShare: true, alone: false };

const worlds = [
  ['who may not share has a process of its own', { mayShare: false, alone: false }, 9, [few, many], 'own'],
  ['who has ended a process has its own from then on', { mayShare: true, alone: true }, 9, [few, many], 'own'],
  ['who may share has its own as long as there are few', sociable, 1, [few, many], 'own'],
  ['beyond those a process to be shared is started', sociable, 2, [], 'new shared'],
  ['as many of them as there may be', sociable, 2, [few], 'new shared'],
  ['then who comes joins the fewest', sociable, 2, [many, few], few],
  ['among equals the first', sociable, 2, [many, { ...many, name: 'other' }], many],
  ['a process that is ending takes nobody in, and does not count', sociable, 2, [closed, many], 'new shared'],
  ['nor is it joined', sociable, 2, [closed, many, few], few],
] as const;

for (const [title, applicant, own, shared, place] of worlds) {
  test(title, () => assert.deepEqual(placement(policy, applicant, { own, shared }), place));
}
