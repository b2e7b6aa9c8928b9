type Environment = Readonly<Record<string, string | undefined>>;

export interface TracingEnvironment {
  /** Whether a caller's own trace is gone on with. */
  readonly readsCallers: boolean;
  /** What is asked for and not done. */
  readonly warnings: readonly string[];
}

/** What is passed on of a caller's context; of `baggage` nothing is read here, and nobody is called to pass it on to. */
const knownPropagators = new Set(['tracecontext', 'baggage', 'none']);

/** What OpenTelemetry's variables ask for; undefined where nothing is to be traced, as they do not say where to. */
export function tracingEnvironment(env: Environment): TracingEnvironment | undefined {
  const given = (name: string): string | undefined => env[name]?.trim() || undefined;
  if (given('OTEL_SDK_DISABLED')?.toLowerCase() === 'true') return undefined;
  const exporters = listOf(given('OTEL_TRACES_EXPORTER'));
  const endpoint = given('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT') ?? given('OTEL_EXPORTER_OTLP_ENDPOINT');
  if (exporters.length === 0 ? endpoint === undefined : !exporters.includes('otlp')) return undefined;
  const propagators = listOf(given('OTEL_PROPAGATORS') ?? 'tracecontext');
  const protocol = given('OTEL_EXPORTER_OTLP_TRACES_PROTOCOL') ?? given('OTEL_EXPORTER_OTLP_PROTOCOL');
  const warnings = [
    ...exporters
      .filter((name) => name !== 'otlp')
      .map((name) => `OTEL_TRACES_EXPORTER: expected otlp or none, got ${name}, which is passed over`),
    ...propagators
      .filter((name) => !knownPropagators.has(name))
      .map((name) => `OTEL_PROPAGATORS: expected tracecontext, baggage or none, got ${name}, which is passed over`),
    ...(protocol === undefined || protocol === 'http/protobuf'
      ? []
      : [`OTEL_EXPORTER_OTLP_PROTOCOL: expected http/protobuf, got ${protocol}; spans are sent as http/protobuf`]),
  ];
  return { readsCallers: propagators.includes('tracecontext'), warnings };
}

const listOf = (text = ''): string[] =>
  text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
