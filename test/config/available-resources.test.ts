import assert from 'node:assert/strict';
import { test } from 'node:test';
import { availableCores, parseCpuMax } from '../../src/config/available-resources.js';

const cgroup2 = '35 24 0:30 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n';
const cgroup1 = [
  '32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime - cgroup cgroup rw,cpu,cpuacct',
  '34 31 0:31 / /sys/fs/cgroup/cpuset rw,relatime - cgroup cgroup rw,cpuset',
  '',
].join('\n');

interface World {
  readonly what: string;
  readonly parallelism: number;
  readonly files: Readonly<Record<string, string>>;
  readonly cores: number;
}

const worlds: readonly World[] = [
  { what: 'no cgroups at all', parallelism: 6, files: {}, cores: 6 },
  {
    what: 'cgroup v2 without a limit',
    parallelism: 8,
    files: {
      '/proc/self/cgroup': '0::/\n',
      '/proc/self/mountinfo': cgroup2,
      '/sys/fs/cgroup/cpu.max': 'max 100000\n',
    },
    cores: 8,
  },
  {
    what: 'a container with its own cgroup namespace (v2) and two cores',
    parallelism: 64,
    files: {
      '/proc/self/cgroup': '0::/\n',
      '/proc/self/mountinfo': cgroup2,
      '/sys/fs/cgroup/cpu.max': '200000 100000\n',
    },
    cores: 2,
  },
  {
    what: 'a limit on a group above the own one (v2)',
    parallelism: 64,
    files: {
      '/proc/self/cgroup': '0::/kubepods.slice/pod7.slice/slipway.scope\n',
      '/proc/self/mountinfo': cgroup2,
      '/sys/fs/cgroup/kubepods.slice/pod7.slice/slipway.scope/cpu.max': 'max 100000\n',
      '/sys/fs/cgroup/kubepods.slice/pod7.slice/cpu.max': '400000 100000\n',
      '/sys/fs/cgroup/kubepods.slice/cpu.max': '6000000 100000\n',
    },
    cores: 4,
  },
  {
    what: 'a limit that leaves a part of a core over',
    parallelism: 8,
    files: {
      '/proc/self/cgroup': '0::/a\n',
      '/proc/self/mountinfo': cgroup2,
      '/sys/fs/cgroup/a/cpu.max': '290000 100000\n',
    },
    cores: 2,
  },
  {
    what: 'less than one core',
    parallelism: 8,
    files: {
      '/proc/self/cgroup': '0::/\n',
      '/proc/self/mountinfo': cgroup2,
      '/sys/fs/cgroup/cpu.max': '50000 100000\n',
    },
    cores: 1,
  },
  {
    what: 'a cpuset smaller than the limit',
    parallelism: 2,
    files: {
      '/proc/self/cgroup': '0::/\n',
      '/proc/self/mountinfo': cgroup2,
      '/sys/fs/cgroup/cpu.max': '800000 100000\n',
    },
    cores: 2,
  },
  {
    what: 'cgroup v1 on the host',
    parallelism: 16,
    files: {
      '/proc/self/cgroup': '4:cpuset:/\n3:cpu,cpuacct:/docker/abc\n0::/\n',
      '/proc/self/mountinfo': cgroup1,
      '/sys/fs/cgroup/cpu,cpuacct/docker/abc/cpu.cfs_quota_us': '300000\n',
      '/sys/fs/cgroup/cpu,cpuacct/docker/abc/cpu.cfs_period_us': '100000\n',
      '/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us': '-1\n',
      '/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us': '100000\n',
    },
    cores: 3,
  },
  {
    what: "cgroup v1 in a container, told the host's path and shown its own group only",
    parallelism: 16,
    files: {
      '/proc/self/cgroup': '3:cpu,cpuacct:/docker/abc\n',
      '/proc/self/mountinfo': cgroup1.replace(' / /sys/fs/cgroup/cpu,', ' /docker/abc /sys/fs/cgroup/cpu,'),
      '/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us': '500000\n',
      '/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us': '100000\n',
    },
    cores: 5,
  },
  {
    what: 'a path outside of what is mounted',
    parallelism: 16,
    files: {
      '/proc/self/cgroup': '0::/../elsewhere\n',
      '/proc/self/mountinfo': cgroup2,
      '/sys/fs/cgroup/cpu.max': '700000 100000\n',
    },
    cores: 7,
  },
  {
    what: 'v1 and v2 side by side, the limit on v1',
    parallelism: 16,
    files: {
      '/proc/self/cgroup': '1:cpu,cpuacct:/\n0::/\n',
      '/proc/self/mountinfo': cgroup1 + cgroup2.replace('/sys/fs/cgroup', '/sys/fs/cgroup/unified'),
      '/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us': '100000\n',
      '/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us': '50000\n',
    },
    cores: 2,
  },
  {
    what: 'a mount point with a space in it',
    parallelism: 16,
    files: {
      '/proc/self/cgroup': '0::/\n',
      '/proc/self/mountinfo': cgroup2.replace('/sys/fs/cgroup', '/my\\040groups'),
      '/my groups/cpu.max': '300000 100000\n',
    },
    cores: 3,
  },
];

for (const { what, parallelism, files, cores } of worlds) {
  test(`${what}: ${cores}`, () => {
    assert.equal(availableCores({ parallelism, read: (path) => files[path] }), cores);
  });
}

test('the machine this runs on has at least one core', () => {
  assert.ok(availableCores() >= 1);
});

test('what is no limit is Infinity', () => {
  for (const text of ['', 'max 100000', '-1 100000', '0 100000', '100000 0', 'undefined undefined']) {
    assert.equal(parseCpuMax(text), Infinity, text);
  }
});
