import { kernel } from '../kernel.ts';

/** Node's `os`, of a machine that looks the same everywhere. The host name is the process's, so that identities tell processes apart. */
export const hostname = (): string => kernel.boot.processId;

export const platform = (): string => 'linux';
export const homedir = (): string => '/home/node';

export default {
  hostname, EOL: '\n', platform, type: () => 'Linux', release: () => '6.1.0', arch: () => 'x64', endianness: () => 'LE', tmpdir: () => '/tmp', homedir,
  cpus: () => Array.from({ length: 4 }, () => ({ model: 'virtual', speed: 0, times: { user: 0, nice: 0, sys: 0, idle: 0, irq: 0 } })), availableParallelism: () => 4,
  totalmem: () => 8_589_934_592, freemem: () => 4_294_967_296, uptime: () => 3600, loadavg: () => [0, 0, 0], networkInterfaces: () => ({}), userInfo: () => ({ username: 'node', uid: 1000, gid: 1000, homedir: '/home/node', shell: '/bin/sh' }),
  constants: { signals: { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } },
};
