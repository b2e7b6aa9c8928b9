/** Let through from the worker's own environment; nothing else is: it may hold secrets. */
const passedOn = ['LD_LIBRARY_PATH', 'TMPDIR', 'TZ', 'NODE_V8_COVERAGE'] as const;

export interface EngineEnvironmentOptions {
  /** The worker's environment. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whether onnxruntime may report to its makers. */
  readonly telemetry: boolean;
  /** Where the C library finds its locales, when not in its usual place. */
  readonly localePath?: string | undefined;
}

/** The whole environment of an engine process. */
export function engineEnvironment({ env, telemetry, localePath }: EngineEnvironmentOptions): Record<string, string> {
  const names = telemetry ? [...passedOn, 'HOME'] : passedOn;
  const passed = names.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]] as const]));
  return {
    ...Object.fromEntries(passed),
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    // Freed memory goes back to the system at once; resident memory stays flat over many loads.
    MALLOC_TRIM_THRESHOLD_: '131072',
    // What is large comes from the system each time: in huge pages, where they may be asked for, that costs little.
    MALLOC_MMAP_THRESHOLD_: '2097152',
    GLIBC_TUNABLES: 'glibc.malloc.hugetlb=1',
    // Nothing runs in Node's thread pool but the reading of a few modules at the start.
    UV_THREADPOOL_SIZE: '1',
    // Models of operator sets newer than the engine's last released one load, and mostly run.
    ALLOW_RELEASED_ONNX_OPSET_ONLY: '0',
    ...(telemetry ? {} : { ORT_DISABLE_TELEMETRY: '1' }),
    ...(localePath === undefined ? {} : { LOCPATH: localePath }),
  };
}
